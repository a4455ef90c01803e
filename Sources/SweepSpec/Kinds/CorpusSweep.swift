import Foundation
import SonarModel

/// Aligned sentences from a tab-separated file, each side encoded in its own language.
///
/// Axes: pair (labels from the file's `id` column, else 1, 2, ...), language.
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

  public var assets: [AssetReference] { [file] }

  public init?(reading mapping: YAMLMapping, in context: JobContext) {
    let file = mapping.required("file", "the TSV file, relative to the job's")
    let languages = mapping.required("languages", "one language per side, as [eng_Latn, spa_Latn]")
    let columns = mapping.optional("columns")
    let form =
      mapping.optional("form").map { $0.choice(CorpusForm.allCases.map(\.rawValue)).flatMap(CorpusForm.init) } ?? .text

    let sides = Self.sides(languages, columns, in: context)
    guard let file, let asset = context.asset(file), let sides, let form else { return nil }
    self.file = asset.reference
    self.sides = sides
    self.form = form
    let check = CorpusCheck(
      file: file.text, sides: sides.map { ($0.language, $0.column) }, form: form, context: context)
    guard check.passes(asset.content, languages: languages, columns: columns) else { return nil }
  }

  public func sweep(assets: Assets, decode: DecodeSpec?) throws -> Sweep {
    let table = try table(assets.content(of: file))
    let columns = try sides.map { side in
      guard let index = table.columns.firstIndex(of: side.column) else {
        throw SweepError("the corpus has no column '\(side.column)'")
      }
      return index
    }
    let cells = try table.rows.map { row in
      try zip(sides, columns).map { side, column in
        TokenSequence(language: side.language, try form.content(of: row.cells[column]))
      }
    }
    let ids = table.columns.firstIndex(of: "id").map { column in table.rows.map { $0.cells[column] } }
    return try Sweep(axes: [
      Axis("pair", ids.map { .strings($0) } ?? .range(start: 1, count: table.rows.count)),
      Axis("language", .strings(sides.map(\.language.rawValue))),
    ]) { [sides] coordinates, _ in
      let pair = cells[coordinates[0]]
      return Probe(
        terms: [.init(.sequence(pair[coordinates[1]]))],
        decodes: decode?.requests { language in
          sides.firstIndex { $0.language == language }.map { pair[$0] }
        } ?? [])
    }
  }

  private func table(_ content: Data) throws -> CorpusTable {
    do {
      return try CorpusTable(content)
    } catch let problem as CorpusTable.Problem {
      throw SweepError("corpus line \(problem.line): \(problem.message)")
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

/// What a corpus's cells hold.
enum CorpusForm: String, Codable, CaseIterable {
  /// Running text.
  case text
  /// Words or ▁-pieces that are one token each, separated by spaces.
  case pieces
  /// Token ids, separated by spaces.
  case ids

  func content(of cell: String) throws -> TokenSequence.Content {
    let words = cell.split(separator: " ").map(String.init)
    switch self {
    case .text: return .text(cell)
    case .pieces: return .tokens(words.map { .word($0) })
    case .ids:
      return .tokens(
        try words.map { word in
          guard let id = UInt32(word) else { throw SweepError("'\(word)' is not a token id") }
          return .id(TokenID(rawValue: id))
        })
    }
  }
}
