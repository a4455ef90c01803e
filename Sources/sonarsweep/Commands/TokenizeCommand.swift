import ArgumentParser
import SonarModel

struct TokenizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenize", abstract: "Show the pieces and ids of texts, to find words that are one token.",
    discussion: """
      Examples:
        sonarsweep tokenize dog speaker "the dog sleeps"
        sonarsweep tokenize --language spa_Latn --output json "el perro"
      """)

  @OptionGroup var options: ModelOptions
  @Argument(help: "Texts to split.") var texts: [String]
  @Option(help: "Add this language's token and </s>, as the encoder reads them.") var language: String?
  @Option(help: "table or json.") var output = OutputFormat.table

  struct Row: Encodable {
    let text: String
    let ids: [TokenID]
    let pieces: [String]
  }

  func run() throws {
    let tokenizer = try options.directory().tokenizer()
    let prefix = try language.map { [try tokenizer.token(of: LanguageCode($0))] }
    let rows = texts.map { text in
      let content = tokenizer.encode(text)
      let ids = prefix.map { $0 + content + [Tokenizer.endOfSequence] } ?? content
      return Row(text: text, ids: ids, pieces: ids.map(tokenizer.piece))
    }
    switch output {
    case .json: try Output.json(rows)
    case .table:
      Output.table(
        ["tokens", "pieces", "ids"],
        rows.map {
          [String($0.ids.count), $0.pieces.joined(separator: " "), $0.ids.map(\.description).joined(separator: " ")]
        })
    }
  }
}
