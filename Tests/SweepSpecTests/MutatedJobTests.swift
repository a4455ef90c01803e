import Foundation
import SweepSpec
import TestSupport
import Testing

@Suite("Random damage to a job or its corpus is another job or an error in words, never a crash")
struct MutatedJobTests {
  @Test("in the YAML", arguments: KindJobs.all)
  func yaml(job: String) throws {
    var random = SplitMix64(seed: 21)
    for _ in 0..<150 {
      try check(JobDirectory(Self.damaged(job, using: &random), files: KindJobs.files.mapValues { Data($0.utf8) }))
    }
  }

  @Test("in the corpus")
  func corpus() throws {
    var random = SplitMix64(seed: 22)
    for _ in 0..<1000 {
      try check(
        JobDirectory(Data(BadJob.corpusJob.utf8), files: ["pairs.tsv": Self.damaged(BadJob.pairs, using: &random)]))
    }
  }

  private func check(_ directory: JobDirectory) throws {
    do {
      let sweep = try directory.load().sweep
      _ = (sweep.probe(of: 0), sweep.probe(of: sweep.unitCount - 1))
    } catch is JobError {}
  }

  /// The text with a few bytes changed, dropped, doubled, or made what YAML and TSV give a meaning.
  private static func damaged(_ text: String, using random: inout SplitMix64) -> Data {
    var bytes = Array(text.utf8)
    let special = Array("\t\n\0 :-[]{}&*!|>'\"%@`#,?\u{FEFF}".utf8) + [0x80, 0xff]
    for _ in 0..<Int.random(in: 1...6, using: &random) where !bytes.isEmpty {
      let place = Int.random(in: 0..<bytes.count, using: &random)
      let end = min(bytes.count, place + .random(in: 1...12, using: &random))
      switch Int.random(in: 0..<5, using: &random) {
      case 0: bytes[place] = .random(in: 0...255, using: &random)
      case 1: bytes.removeSubrange(place..<end)
      case 2: bytes.insert(contentsOf: bytes[place..<end], at: Int.random(in: 0...bytes.count, using: &random))
      case 3: bytes.insert(special.randomElement(using: &random) ?? 0, at: place)
      default: bytes.replaceSubrange(place..<end, with: Array("99999999999999999999".utf8))
      }
    }
    return Data(bytes)
  }
}
