import Foundation

/// The README.md of an imported model: what it is, where it comes from, and how to check it.
struct ModelCard {
  struct Source {
    let role: String
    let file: InputFile
    let sha256: String
  }

  let name: String
  let plan: ImportPlan
  let sources: [Source]
  /// SHA-256 of each file written, by name.
  let outputs: [(file: String, sha256: String)]

  func text(date: Date = Date()) -> String {
    let (sizes, config) = (plan.sizes, plan.config)
    let types = Set(plan.tensors.map(\.type.rawValue)).sorted().joined(separator: ", ")
    return """
      # \(name)

      A text autoencoder of SONAR's architecture, imported from a checkpoint (\(plan.encoder.form.rawValue) encoder, \
      \(plan.decoder.form.rawValue) decoder) on \(date.formatted(.iso8601.year().month().day())).

      | | |
      |---|---|
      | sizes | dim \(sizes.modelDim), \(sizes.encoderLayers) + \(sizes.decoderLayers) layers, \(config.heads) heads, \
      feed-forward \(sizes.feedForwardDim), vocabulary \(sizes.vocabulary), \(plan.parameterCount) parameters |
      | weights | \(types), as the checkpoint had them; fairseq2's tensor names and token order |
      | tokenizer | SentencePiece, \(plan.pieceCount) pieces |
      | languages | \(config.languages.count): \(config.languages.prefix(8).map { printable($0.rawValue) }.joined(separator: ", "))\
      \(config.languages.count > 8 ? ", ..." : "") |

      ## Where it comes from

      | | file | bytes | SHA-256 |
      |---|---|---|---|
      \(sources.map { "| \($0.role) | \(cell($0.file)) | \($0.file.size) | \($0.sha256) |" }.joined(separator: "\n"))

      ## What was written

      | file | SHA-256 |
      |---|---|
      \(outputs.map { "| `\($0.file)` | \($0.sha256) |" }.joined(separator: "\n"))

      `sonarsweep model verify \(name)` compares these files with `SHA256SUMS`, and the model with the values Meta
      published where it has the sizes of Meta's SONAR.

      ## Licence

      The import changed nothing about the licence of the weights. Meta published SONAR's under CC-BY-NC-4.0 (no
      commercial use; name the authors); whoever uses them sees to it that the licence is kept.

      """
  }

  /// A file's name in a table's cell.
  private func cell(_ file: InputFile) -> String {
    "`\(printable(file.url.lastPathComponent).replacing("|", with: "?").replacing("`", with: "?"))`"
  }
}
