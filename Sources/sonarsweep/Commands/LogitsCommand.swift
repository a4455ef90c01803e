import ArgumentParser
import SonarModel

struct LogitsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "logits", abstract: "The decoder's logits for the token after given ids, as JSON lines.",
    discussion: """
      Rows in: {"embedding": [...], "ids": [3, 5197, 36]}, the prompt </s> and language token included. Rows out, in \
      order: {"logits": [...]}, one value per vocabulary row, for the last position. A bad row gives {"error": "..."} \
      and exit code 1.
      """)

  @OptionGroup var options: ModelOptions
  @Option(help: "A file of JSON lines, or - for standard input.") var input: String
  @OptionGroup var engine: EngineOptions

  struct Row: Decodable {
    let embedding: [Float]
    let ids: [TokenID]
  }

  func run() throws {
    let model = try engine.load(options.directory())
    let good = try JSONRows.process(input, as: Row.self) { rows in
      rows.map { row in
        Result {
          let row = try row.get()
          return "{\"logits\":\(try model.logits(embedding: row.embedding, after: row.ids).json)}"
        }
      }
    }
    if !good { throw ExitCode.failure }
  }
}
