import Foundation
import SonarModel

/// Aligned sentences from a tab-separated file, each side encoded in its own language, or under every one of a list of
/// language tokens.
///
/// Axes: pair (labels from the file's `id` column, else 1, 2, ...), language (the sentence's), token (the language token
/// in front of it; only where `tokens` is given).
public struct CorpusSweep: SweepKind {
  public static let name = "corpus"
  public static let summary = "aligned sentences from a TSV file, each in its own language"

  private struct Side: Codable, Hashable {
    let language: LanguageCode
    let column: String
  }

  private let file: AssetReference
  private let sides: [Side]
  private let form: CorpusForm
  /// The language tokens every side is read under; its own where nil.
  private let tokens: [LanguageCode]?

  public var assets: [AssetReference] { [file] }

  public init?(reading mapping: YAMLMapping, in context: JobContext) {
    let file = mapping.required("file", "the TSV file, relative to the job's")
    let languages = mapping.required("languages", "one language per side, as [eng_Latn, spa_Latn]")
    let columns = mapping.optional("columns")
    let form = CorpusForm.read(mapping)

    let tokensValue = mapping.optional("tokens")
    let tokens = tokensValue?.distinctList(context.language)

    let sides = Self.sides(languages, columns, in: context)
    guard (tokens == nil) == (tokensValue == nil) else { return nil }
    guard let file, let asset = context.asset(file), let sides, let form else { return nil }
    self.file = asset.reference
    self.sides = sides
    self.form = form
    self.tokens = tokens
    let check = CorpusCheck(
      file: file.text, sides: sides.map { ($0.language, $0.column) }, form: form, context: context)
    let passes = check.passes(asset.content) { language in
      if let named = columns?.value(of: language.rawValue) { return (named, "") }
      return (languages, ". Name the column with columns: {\(language): NAME}")
    }
    guard passes else { return nil }
  }

  public func sweep(assets: Assets, decode: DecodeSpec?) throws -> Sweep {
    let table = try CorpusTable(reading: assets.content(of: file))
    let columns = try sides.map { try table.index(of: $0.column) }
    let cells = try table.rows.map { row in
      try zip(sides, columns).map { side, column in
        TokenSequence(language: side.language, try form.content(of: row.cells[column]))
      }
    }
    var axes = [Axis("pair", table.labels(of: table.rows)), Axis("language", .strings(sides.map(\.language.rawValue)))]
    if let tokens { axes.append(Axis("token", .strings(tokens.map(\.rawValue)))) }
    return try Sweep(axes: axes) { [sides, tokens] coordinates, _ in
      let pair = cells[coordinates[0]]
      let side = pair[coordinates[1]]
      let source = tokens.map { TokenSequence(language: $0[coordinates[2]], side.content) } ?? side
      return Probe(
        terms: [.init(.sequence(source))],
        decodes: decode?.requests { language in
          sides.firstIndex { $0.language == language }.map { pair[$0] }
        } ?? [])
    }
  }

  private static func sides(_ languages: YAMLValue?, _ columns: YAMLValue?, in context: JobContext) -> [Side]? {
    guard let codes = languages?.distinctList(context.language) else { return nil }
    guard let columns else { return codes.map { Side(language: $0, column: $0.rawValue) } }
    return columns.mapping { mapping in
      codes.compactMapAll { code in
        guard let value = mapping.optional(code.rawValue) else { return Side(language: code, column: code.rawValue) }
        return value.string().map { Side(language: code, column: $0) }
      }
    }
  }
}
