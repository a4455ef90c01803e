import SonarModel

/// Sentences of two or more classes, from a tab-separated file with a column that says which.
///
/// Axes: sentence (labels from the file's `id` column, else 1, 2, ...), with the attributes label and, where the file
/// has such a column, pair.
public struct LabelledSweep: SweepKind {
  public static let name = "labelled"
  public static let summary = "sentences of two or more classes from a TSV file"

  private let file: AssetReference
  private let language: LanguageCode
  private let column: String
  private let label: String
  private let form: CorpusForm

  public var assets: [AssetReference] { [file] }

  public init?(reading mapping: YAMLMapping, in context: JobContext) {
    let file = mapping.required("file", "the TSV file, relative to the job's")
    let language = mapping.language(in: context)
    let columnValue = mapping.optional("column")
    let labelValue = mapping.optional("label")
    let column = columnValue.map { $0.word() } ?? language?.rawValue
    let label = labelValue.map { $0.word() } ?? "label"
    let form = CorpusForm.read(mapping)
    guard let file, let asset = context.asset(file), let language, let column, let label, let form else { return nil }
    (self.file, self.language, self.column, self.label, self.form) = (asset.reference, language, column, label, form)
    let check = CorpusCheck(file: file.text, sides: [(language, column)], form: form, context: context)
    guard check.passes(asset.content, place: { _ in (columnValue ?? file, ". Name the column with column: NAME") }),
      let table = try? CorpusTable(asset.content)
    else { return nil }
    guard let labels = table.columns.firstIndex(of: label) else {
      let known = table.columns.joined(separator: ", ")
      (labelValue ?? file).report(
        "\(file.text) has no column '\(label)'; it has \(known). Name the classes' column with label: NAME")
      return nil
    }
    let classes = Set(table.rows.map { $0.cells[labels] })
    guard classes.count >= 2 else {
      (labelValue ?? file).report(
        "every sentence of \(file.text) has the \(label) '\(classes.first ?? "")'; two or more classes are needed")
      return nil
    }
  }

  public func sweep(assets: Assets, decode: DecodeSpec?) throws -> Sweep {
    let table = try CorpusTable(reading: assets.content(of: file))
    let (column, label) = (try table.index(of: column), try table.index(of: label))
    let sentences = try table.rows.map {
      TokenSequence(language: language, try form.content(of: $0.cells[column]))
    }
    var attributes = [Axis.Attribute("label", .strings(table.rows.map { $0.cells[label] }))]
    if let pair = table.columns.firstIndex(of: "pair") {
      attributes.append(Axis.Attribute("pair", .strings(table.rows.map { $0.cells[pair] })))
    }
    let axis = Axis("sentence", table.labels(of: table.rows), attributes: attributes)
    return try Sweep(axes: [axis]) { coordinates, _ in
      let sentence = sentences[coordinates[0]]
      return Probe(terms: [.init(.sequence(sentence))], decode: decode, expected: sentence)
    }
  }
}
