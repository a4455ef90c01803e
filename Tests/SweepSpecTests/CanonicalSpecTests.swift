import Foundation
import SonarModel
import SweepSpec
import Testing

@Suite("A job travels as its canonical spec and its assets")
struct CanonicalSpecTests {
  @Test("and arrives the same", arguments: KindJobs.all)
  func roundTrip(_ yaml: String) throws {
    let sent = try JobDirectory(yaml, files: KindJobs.files).load()
    let received = try Job(canonicalSpec: sent.canonicalSpec, assets: Assets(checking: sent.assets.all))
    #expect(received.id == sent.id)
    #expect(received.canonicalSpec == sent.canonicalSpec)
    #expect(received.sweep.axes == sent.sweep.axes)
    for unit in 0..<sent.sweep.unitCount { #expect(received.sweep.probe(of: unit) == sent.sweep.probe(of: unit)) }
  }

  @Test("every kind that needs no named vectors is among them")
  func kinds() throws {
    let tried = try KindJobs.all.map {
      try type(of: JobDirectory($0, files: KindJobs.files).load().spec.sweep.kind).name
    }
    #expect(Set(tried) == Set(SweepKinds.all.map { $0.name }).subtracting(["average-shift"]))
  }

  @Test("a damaged asset is refused")
  func damaged() throws {
    let job = try Self.corpus()
    let damaged = job.assets.all.mapValues { $0 + [0x0a] }
    let error = try #require(throws: SweepError.self) { try Assets(checking: damaged) }
    #expect(error.description.contains("damaged"))
  }

  @Test("a missing asset is named")
  func missing() throws {
    let job = try Self.corpus()
    let reference = try #require(job.assets.all.keys.first)
    let error = try #require(throws: SweepError.self) { try Job(canonicalSpec: job.canonicalSpec, assets: Assets()) }
    #expect(error.description.contains(reference.sha256))
  }

  @Test("an asset is named by the SHA-256 of its content")
  func reference() {
    #expect(
      AssetReference(of: Data("abc".utf8)).sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  }

  @Test("what is no spec is refused", arguments: ["", "{}", "[]", "null", "{\"version\":1}", "\u{0}"])
  func nonsense(_ text: String) {
    #expect(throws: SweepError.self) { try Job(canonicalSpec: Data(text.utf8), assets: Assets()) }
  }

  static let corpusJob =
    BadJob.corpusJob + "  form: pieces\ndecode:\n  languages: [eng_Latn, fra_Latn]\n  method: beam\n"

  private static func corpus() throws -> Job {
    try JobDirectory(corpusJob, files: ["pairs.tsv": BadJob.pairs]).load()
  }
}
