import Foundation
import SonarModel
import SweepSpec

/// Sweeps of a few lines of YAML, and their probes written out to be compared.
enum SweepText {
  /// The sweep whose keys these are, decoded into English unless told otherwise.
  static func load(
    _ keys: String, decode: String = "[eng_Latn]", files: [String: String] = [:]
  ) throws -> Sweep {
    try job(keys, decode: decode, files: files).sweep
  }

  static func job(_ keys: String, decode: String = "[eng_Latn]", files: [String: String] = [:]) throws -> Job {
    try JobDirectory(yaml(keys) + "decode:\n  languages: \(decode)\n", files: files).load()
  }

  static func yaml(_ keys: String) -> String {
    "name: good\nsweep:\n" + keys.split(separator: "\n").map { "  \($0)\n" }.joined()
  }

  /// Every unit that is not skipped: `label: probe`.
  static func units(_ sweep: Sweep) throws -> [String] {
    try (0..<sweep.unitCount).compactMap { unit in
      try sweep.probe(of: unit).map { "\(sweep.label(of: unit)): \(try text($0))" }
    }
  }

  static func probe(_ sweep: Sweep, _ label: String) throws -> String? {
    let unit = (0..<sweep.unitCount).first { sweep.label(of: $0) == label }
    guard let unit else { throw SweepError("no unit is called \(label); the first is \(sweep.label(of: 0))") }
    return try sweep.probe(of: unit).map(text)
  }

  /// `eng(dog _) - 0.5 eng(_ dog) => eng(dog)`: terms, noise, then what each decode should give.
  static func text(_ probe: Probe) throws -> String {
    var text = ""
    for (i, term) in probe.terms.enumerated() {
      let sign = term.weight < 0 ? "-" : "+"
      let magnitude = abs(term.weight) == 1 ? "" : "\(abs(term.weight)) "
      text += (i == 0 ? (sign == "-" ? "-" : "") : " \(sign) ") + magnitude + (try self.text(term.source))
    }
    if let noise = probe.noise { text += " ~ \(noise.scale) seed \(noise.seed)" }
    if let position = probe.statePosition { text += " @ \(position)" }
    for decode in probe.decodes { text += " => \(try decode.expected.map(self.text) ?? "?")" }
    return text
  }

  private static func text(_ source: Probe.Source) throws -> String {
    switch source {
    case .sequence(let sequence): try text(sequence)
    case .vector(let vector): "<\(vector.name)>"
    case .ramp: "ramp"
    }
  }

  private static func text(_ sequence: TokenSequence) throws -> String {
    let content: String
    switch sequence.content {
    case .text(let text): content = "'\(text)'"
    case .tokens(let tokens):
      let tokenizer = try JobDirectory.tokenizer.get()
      content = tokens.map { token in
        switch token {
        case .word(let word): word
        case .id(let id): tokenizer.piece(of: id).replacing("▁", with: "")
        }
      }.joined(separator: " ")
    }
    return "\(sequence.language.rawValue.prefix(3))(\(content))"
  }
}

/// A job of a sweep's keys, one a line, with a mistake in one of them.
extension BadJob {
  /// - Parameter line: of `keys`, from 1.
  static func keys(
    _ name: String, _ keys: String, at line: Int, key: String, files: [String: String] = [:], says: String...
  ) -> BadJob {
    BadJob(
      name, SweepText.yaml(keys), files: files, at: line == 0 ? 2 : line + 2,
      key: key.isEmpty ? "sweep" : "sweep.\(key)", says: says)
  }
}

/// Jobs as they come over the wire: with named vectors, whose values are among the assets.
struct WireJob {
  private(set) var assets = Assets()

  /// A vector, or a table where there are rows, as JSON; its values are kept.
  mutating func vector(_ name: String, _ values: [Float], rows: [String]? = nil) -> String {
    let shape = rows.map { [$0.count, values.count / $0.count] } ?? [values.count]
    let reference = assets.add(NPYArray(shape: shape, values: values).content)
    let labels = rows.map { ",\"rows\":[\($0.map { "\"\($0)\"" }.joined(separator: ","))]" } ?? ""
    return "{\"name\":\"\(name)\",\"asset\":{\"sha256\":\"\(reference.sha256)\"}\(labels)}"
  }

  func sweep(_ kind: String, _ parameters: String) throws -> Sweep {
    let spec = try JobDirectory(BadJob.positionJob).load().canonicalSpec
    var object = try JSONSerialization.jsonObject(with: spec) as? [String: Any] ?? [:]
    object["sweep"] = ["kind": kind, "parameters": try JSONSerialization.jsonObject(with: Data(parameters.utf8))]
    return try Job(canonicalSpec: JSONSerialization.data(withJSONObject: object), assets: assets).sweep
  }
}
