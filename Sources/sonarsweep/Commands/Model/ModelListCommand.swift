import ArgumentParser
import Foundation
import SonarModel

struct ModelListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Every model on the search path.",
    discussion: """
      A model that cannot be used is listed with what is wrong with it.

      Examples:
        sonarsweep model list
        sonarsweep model list --model-path /data/models --output json
      """)

  @OptionGroup var options: ModelOptions
  @Option(help: "table or json.") var output = OutputFormat.table

  struct Row: Encodable {
    let name: String
    let path: String
    let languages: Int?
    let dim: Int?
    /// Why it cannot be used, where it cannot.
    let problem: String?
  }

  func run() throws {
    let rows = options.library.models().map { model in
      do {
        let config = try model.config()
        return Row(
          name: model.name, path: model.url.path, languages: config.languages.count, dim: config.modelDim, problem: nil)
      } catch {
        return Row(name: model.name, path: model.url.path, languages: nil, dim: nil, problem: "\(error)")
      }
    }
    switch output {
    case .json: try Output.json(rows)
    case .table:
      Output.table(
        ["name", "dim", "languages", "path"],
        rows.map { row in
          [row.name, row.dim.map(String.init) ?? "-", row.languages.map(String.init) ?? "-", row.problem ?? row.path]
        })
    }
  }
}
