import Foundation
import SonarModel

/// Sequences a sweep goes through, all under one language token.
///
/// In YAML: texts (`[the dog sleeps, ...]`), `{pieces: ["dog _ _", ...]}`, `{ids: ["75 80", ...]}`, or a column of a
/// TSV file, `{file: corpus.tsv, column: eng_Latn, form: text, limit: 50}`.
struct SequenceList: Hashable, Sendable, Codable {
  private enum Source: Hashable, Sendable, Codable {
    case cells([String])
    case column(String, file: AssetReference, limit: Int?)
  }

  private let source: Source
  private let form: CorpusForm

  /// - Parameters:
  ///   - language: the sequences'; nil where it was mistaken, which is reported elsewhere.
  ///   - distinct: whether a sequence may stand there only once, as on an axis.
  init?(_ value: YAMLValue, language: LanguageCode?, distinct: Bool = true, in context: JobContext) {
    let language = language ?? "?"
    guard value.isMapping else {
      guard let cells = Self.cells(value, .text, distinct, context) else { return nil }
      (source, form) = (.cells(cells), .text)
      return
    }
    let read = value.mapping { mapping -> (Source, CorpusForm)? in
      if let file = mapping.optional("file") { return Self.column(file, mapping, language, context) }
      let given = CorpusForm.allCases.compactMap { form in mapping.optional(form.rawValue).map { (form, $0) } }
      guard given.count == 1 else {
        mapping.report("sequences are given by 'text', 'pieces' or 'ids', or by 'file', one of these")
        mapping.ignoreUnread()
        return nil
      }
      return Self.cells(given[0].1, given[0].0, distinct, context).map { (.cells($0), given[0].0) }
    }
    guard let read else { return nil }
    (source, form) = read
  }

  /// The file the sequences are in.
  var asset: AssetReference? { if case .column(_, let file, _) = source { file } else { nil } }

  /// - Throws: `SweepError` where the file is not what it was.
  func load(from assets: Assets, language: LanguageCode) throws -> LoadedSequences {
    func sequence(_ cell: String) throws -> TokenSequence {
      TokenSequence(language: language, try form.content(of: cell))
    }
    switch source {
    case .cells(let cells):
      return LoadedSequences(labels: .strings(cells), sequences: try cells.map(sequence))
    case .column(let name, let file, let limit):
      let table = try CorpusTable(reading: assets.content(of: file))
      let column = try table.index(of: name)
      let rows = table.rows.prefix(max(0, limit ?? .max))
      return LoadedSequences(
        labels: table.labels(of: rows), sequences: try rows.map { try sequence($0.cells[column]) })
    }
  }

  private static func cells(
    _ value: YAMLValue, _ form: CorpusForm, _ distinct: Bool, _ context: JobContext
  ) -> [String]? {
    let read = { (item: YAMLValue) -> String? in
      guard let cell = item.word() else { return nil }
      do {
        try form.check(cell, in: context.tokenizer)
        return cell
      } catch {
        item.report("\(error)")
        return nil
      }
    }
    return distinct ? value.distinctList(read) : value.list()?.compactMapAll(read)
  }

  private static func column(
    _ file: YAMLValue, _ mapping: YAMLMapping, _ language: LanguageCode, _ context: JobContext
  ) -> (Source, CorpusForm)? {
    let columnValue = mapping.optional("column")
    let column = columnValue.map { $0.word() } ?? language.rawValue
    let form = CorpusForm.read(mapping)
    let limitValue = mapping.optional("limit")
    let limit = limitValue?.integer(in: 1...Int(Int32.max))
    guard let asset = context.asset(file), let column, let form, (limit == nil) == (limitValue == nil) else {
      return nil
    }
    let check = CorpusCheck(
      file: file.text, sides: [(language, column)], form: form, limit: limit, context: context)
    guard check.passes(asset.content, place: { _ in (columnValue ?? file, ". Name the column with column: NAME") })
    else { return nil }
    return (.column(column, file: asset.reference, limit: limit), form)
  }
}

/// A list of sequences and what they are called.
struct LoadedSequences: Sendable {
  let labels: Axis.Values
  let sequences: [TokenSequence]

  func axis(_ name: String) -> Axis { Axis(name, labels) }
}

extension YAMLMapping {
  /// The key `sentences`; nil after reporting what is wrong with it.
  func sequences(language: LanguageCode?, in context: JobContext) -> SequenceList? {
    required("sentences", "texts, as [the dog sleeps], or {file: corpus.tsv, column: eng_Latn}")
      .flatMap { SequenceList($0, language: language, in: context) }
  }
}
