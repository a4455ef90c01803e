import SonarModel

/// The difference of two means: of two columns of a corpus, `{file: corpus.tsv, plus: spa_Latn, minus: eng_Latn}`, each
/// encoded in its language; or of two parts of another run, `{run: NAME, plus: {class: right}, minus: {class: wrong}}`.
enum MeanDifferenceVector: VectorForm {
  static let name = "mean_difference"
  static let example = "{mean_difference: {file: corpus.tsv, plus: spa_Latn, minus: eng_Latn}}"

  static func values(_ value: YAMLValue, in context: JobContext, from sources: VectorSources) throws -> VectorValues? {
    try value.mapping { mapping in
      let (file, run) = (mapping.optional("file"), mapping.optional("run"))
      let plus = mapping.required("plus", "a column of the file, or {axis: label} of the run")
      let minus = mapping.required("minus", "a column of the file, or {axis: label} of the run")
      switch (file, run) {
      case (let file?, nil):
        guard let plus, let minus else { return nil }
        return try corpus(file, plus, minus, in: context, from: sources)
      case (nil, let run?):
        guard let run = try sources.run(run), let plus, let minus else { return nil }
        let parts = [plus, minus].compactMapAll { RunSelection($0, of: run.job) }
        guard let parts else { return nil }
        let means = try parts.map { try RunMean(of: run, where: $0).values }
        return VectorValues(difference(means))
      default:
        mapping.report("give 'file' (a corpus) or 'run' (another run), one of the two")
        return nil
      }
    }
  }

  private static func difference(_ means: [[Float]]) -> [Float] { zip(means[0], means[1]).map { $0 - $1 } }

  private static func corpus(
    _ file: YAMLValue, _ plus: YAMLValue, _ minus: YAMLValue, in context: JobContext, from sources: VectorSources
  ) throws -> VectorValues? {
    let languages = [plus, minus].compactMapAll(context.language)
    guard let content = context.content(of: file), let languages else { return nil }
    let table: CorpusTable
    do {
      table = try CorpusTable(content)
    } catch let problem as CorpusTable.Problem {
      context.report(file: file.text, line: problem.line, key: "", problem.message)
      return nil
    }
    let means = try zip([plus, minus], languages).map { value, language -> [Float]? in
      guard let column = table.columns.firstIndex(of: language.rawValue) else {
        value.report("the corpus has no column '\(language)'; it has \(table.columns.joined(separator: ", "))")
        return nil
      }
      if let row = table.rows.first(where: { $0.cells[column].allSatisfy(\.isWhitespace) }) {
        context.report(file: file.text, line: row.line, key: language.rawValue, "the cell is empty")
        return nil
      }
      let sequences = table.rows.map { TokenSequence(language: language, .text($0.cells[column])) }
      return try mean(sequences, sources.encoder)
    }
    return means.compactMapAll { $0 }.map { VectorValues(difference($0)) }
  }

  private static func mean(_ sequences: [TokenSequence], _ encoder: any SequenceEncoder) throws -> [Float] {
    var sum = MeanAccumulator()
    // A few at a time: a corpus may be long.
    for start in stride(from: 0, to: sequences.count, by: 1024) {
      for embedding in try encoder.encode(Array(sequences[start..<min(start + 1024, sequences.count)])) {
        embedding.withUnsafeBufferPointer { sum.add($0) }
      }
    }
    return sum.mean
  }
}
