import Foundation
import SonarModel
import SweepSpec
import Testing

@Suite("A good job file becomes the sweep it describes")
struct GoodJobTests {
  @Test("the study's position job")
  func position() throws {
    let job = try ready("position")
    #expect(job.spec.name == "position")
    #expect(job.spec.model.name == "sonar-mini")
    #expect(job.spec.model.dim == 256)
    #expect(!job.spec.truncate)
    #expect(
      job.sweep.axes == [
        Axis("token", .strings(["dog", "cat", "speak"])), Axis("filler", .strings(["_", "the"])),
        Axis("position", .range(start: 0, count: 20)),
      ])
    #expect(job.sweep.unitCount == 120)
    #expect(job.sweep.label(of: 0) == "token=dog filler=_ position=0")
    #expect(job.sweep.label(of: 119) == "token=speak filler=the position=19")

    let first = Self.words(["dog"] + [String](repeating: "_", count: 19))
    let last = Self.words([String](repeating: "the", count: 19) + ["speak"])
    for (unit, sequence) in [(UnitIndex(0), first), (119, last)] {
      let decode = DecodeRequest(language: "eng_Latn", method: .greedy, maxTokens: 32, expected: sequence)
      #expect(job.sweep.probe(of: unit) == Probe(terms: [.init(.sequence(sequence))], decodes: [decode]))
    }
  }

  @Test("the study's language job")
  func language() throws {
    let job = try ready("language")
    #expect(job.sweep.axes.map(\.name) == ["pair", "language"])
    #expect(job.sweep.axes.map(\.count) == [320, 2])
    #expect(job.sweep.unitCount == 640)
    #expect(job.sweep.label(of: 0) == "pair=s001 language=eng_Latn")
    #expect(job.sweep.label(of: 5) == "pair=s003 language=spa_Latn")

    let english = TokenSequence(language: "eng_Latn", .text("we do not have a car"))
    let spanish = TokenSequence(language: "spa_Latn", .text("no tenemos un coche"))
    let decodes = [
      DecodeRequest(language: "eng_Latn", method: .greedy, maxTokens: 48, expected: english),
      DecodeRequest(language: "spa_Latn", method: .greedy, maxTokens: 48, expected: spanish),
    ]
    #expect(job.sweep.probe(of: 4) == Probe(terms: [.init(.sequence(english))], decodes: decodes))
    #expect(job.sweep.probe(of: 5) == Probe(terms: [.init(.sequence(spanish))], decodes: decodes))
  }

  @Test("several lengths are an axis; a position beyond a length has no probe")
  func lengths() throws {
    let sweep = try load(BadJob.positionJob.replacing("length: 5", with: "lengths: [3, 5]")).sweep
    #expect(sweep.axes.map(\.name) == ["token", "filler", "length", "position"])
    #expect(sweep.unitCount == 2 * 1 * 2 * 5)
    let missing = (0..<sweep.unitCount).filter { sweep.probe(of: $0) == nil }.map(sweep.label)
    #expect(
      missing == [
        "token=dog filler=_ length=3 position=3", "token=dog filler=_ length=3 position=4",
        "token=cat filler=_ length=3 position=3", "token=cat filler=_ length=3 position=4",
      ])
  }

  @Test("one length in a list is an axis of one")
  func oneLength() throws {
    let sweep = try load(BadJob.positionJob.replacing("length: 5", with: "lengths: [5]")).sweep
    #expect(sweep.axes[2] == Axis("length", .integers([5])))
  }

  @Test("positions may be chosen")
  func positions() throws {
    let sweep = try load(BadJob.positionJob.replacing("length: 5", with: "length: 5\n  positions: [4, 1]")).sweep
    #expect(sweep.axes[2] == Axis("position", .integers([4, 1])))
    #expect(sweep.label(of: 3) == "token=cat filler=_ position=1")
    #expect(try Self.content(sweep.probe(of: 3)) == ["_", "cat", "_", "_", "_"].map { .word($0) })
  }

  @Test("tokens may be pieces, ids or a range of ids")
  func tokens() throws {
    for (yaml, labels) in [
      ("{pieces: [dog, ▁cat]}", ["dog", "▁cat"]), ("{ids: [75, 80]}", ["75", "80"]),
      ("{ids: {from: 4, to: 6}}", ["4", "5", "6"]),
    ] {
      let axis = try load(BadJob.positionJob.replacing("[dog, cat]", with: yaml)).sweep.axes[0]
      #expect((0..<axis.count).map(axis.label) == labels)
    }
  }

  @Test("a word is a word, whatever YAML makes of it")
  func yamlWords() throws {
    let axis = try load(BadJob.positionJob.replacing("[dog, cat]", with: "[no, 1, 'yes']")).sweep.axes[0]
    #expect(axis == Axis("token", .strings(["no", "1", "yes"])))
  }

  @Test("beam search has width 5 unless told otherwise, and 128 tokens")
  func decode() throws {
    let spec = try #require(load(BadJob.positionJob + "  method: beam\n").spec.decode)
    #expect(spec.method == .beam(size: 5))
    #expect(spec.maxTokens == 128)
  }

  @Test("sampling is from the model's own distribution with seed 0 unless told otherwise, and survives the wire")
  func sampling() throws {
    for (keys, sampling) in [
      ("", Sampling()), ("  seed: 9\n", Sampling(seed: 9)),
      (
        "  top_k: 40\n  top_p: 0.9\n  temperature: 0.7\n",
        Sampling(topK: 40, topP: 0.9, temperature: 0.7)
      ),
    ] {
      let job = try load(BadJob.positionJob + "  method: sample\n" + keys)
      #expect(job.spec.decode?.method == .sample(sampling))
      let again = try Job(canonicalSpec: job.canonicalSpec, assets: job.assets)
      #expect(again.spec.decode == job.spec.decode && again.id == job.id)
    }
  }

  @Test("a null-probe job needs no model, not even on the search path")
  func null() throws {
    let nowhere = ModelLibrary(extra: [], environment: [:], executable: URL(filePath: "/nonexistent/x"))
    for yaml in [BadJob.nullJob, BadJob.nullJob.replacing("model: none\n", with: "")] {
      let job = try JobDirectory(yaml).load(library: nowhere)
      #expect(job.spec.model == JobSpec.Model(name: "none", fingerprint: .none, precision: nil, dim: 1024))
      #expect(job.sweep.label(of: 9) == "sample=9")
      #expect(job.sweep.probe(of: 9) == Probe(terms: [.init(.ramp(9, dim: 1024))]))
    }
  }

  private func ready(_ name: String) throws -> Job {
    let url = JobDirectory.repository.appending(path: "jobs/\(name).yaml")
    return try JobFile.load(url, model: nil, library: JobDirectory.library)
  }

  private func load(_ yaml: String) throws -> Job { try JobDirectory(yaml).load() }

  private static func words(_ words: [String]) -> TokenSequence {
    TokenSequence(language: "eng_Latn", .tokens(words.map { .word($0) }))
  }

  /// The tokens of a probe of one sequence.
  static func content(_ probe: Probe?) throws -> [TokenName] {
    guard case .sequence(let sequence)? = probe?.terms.first?.source, case .tokens(let tokens) = sequence.content else {
      throw SweepError("not a sequence of tokens: \(String(describing: probe))")
    }
    return tokens
  }
}
