import ArgumentParser
import Foundation
import SonarModel

struct ModelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "model", abstract: "List models, or show one.", subcommands: [List.self, Info.self])

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Every model on the search path.")

    @OptionGroup var options: ModelOptions
    @Option(help: "table or json.") var output = OutputFormat.table

    struct Row: Encodable {
      let name: String
      let path: String
      let languages: Int
      let dim: Int
    }

    func run() throws {
      let rows = try options.library.models().map { model in
        let config = try model.config()
        return Row(
          name: model.name, path: model.url.path, languages: config.languages.count, dim: config.modelDim)
      }
      switch output {
      case .json: try Output.json(rows)
      case .table:
        Output.table(
          ["name", "dim", "languages", "path"], rows.map { [$0.name, String($0.dim), String($0.languages), $0.path] })
      }
    }
  }

  struct Info: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "A model's sizes, languages, fingerprint, and whether its files are as they were published.")

    @OptionGroup var options: ModelOptions
    @Argument(help: "The model's name; default sonar-mini.") var name: String?
    @Option(help: "table or json.") var output = OutputFormat.table

    struct Report: Encodable {
      let name: String
      let path: String
      let fingerprint: String
      let dim: Int
      let encoderLayers: Int
      let decoderLayers: Int
      let heads: Int
      let feedForwardDim: Int
      let vocabularySize: Int
      let maxSourceTokens: Int
      let maxTargetTokens: Int
      let languages: [String]
      /// Per file: `ok`, `changed`, or `not listed`, against `SHA256SUMS`.
      let files: [String: String]
    }

    func run() throws {
      let model = try options.library.model(named: name ?? options.model ?? "sonar-mini")
      let config = try model.config()
      let report = Report(
        name: model.name, path: model.url.path, fingerprint: try model.fingerprint().rawValue, dim: config.modelDim,
        encoderLayers: config.encoderLayers, decoderLayers: config.decoderLayers, heads: config.heads,
        feedForwardDim: config.feedForwardDim, vocabularySize: config.vocabularySize,
        maxSourceTokens: config.maxSourceTokens, maxTargetTokens: config.maxTargetTokens,
        languages: config.languages.map(\.rawValue), files: try checkFiles(model))
      switch output {
      case .json: try Output.json(report)
      case .table: printTable(report)
      }
      if report.files.values.contains("changed") { throw ExitCode.failure }
    }

    private func checkFiles(_ model: ModelDirectory) throws -> [String: String] {
      let sums = (try? String(contentsOf: model.url.appending(path: "SHA256SUMS"), encoding: .utf8)) ?? ""
      let published = Dictionary(
        sums.split(separator: "\n").compactMap { line -> (String, String)? in
          let parts = line.split(separator: " ", maxSplits: 1)
          return parts.count == 2 ? (parts[1].trimmingCharacters(in: .whitespaces), String(parts[0])) : nil
        }, uniquingKeysWith: { $1 })
      var result: [String: String] = [:]
      for file in ModelDirectory.files {
        result[file] = try published[file].map { try $0 == model.sha256(of: file) ? "ok" : "changed" } ?? "not listed"
      }
      return result
    }

    private func printTable(_ report: Report) {
      let languages = report.languages.prefix(12).joined(separator: " ")
      Output.table(
        ["model", report.name],
        [
          ["path", report.path], ["fingerprint", report.fingerprint], ["embedding", "\(report.dim) float32 values"],
          ["layers", "\(report.encoderLayers) encoder + \(report.decoderLayers) decoder"],
          ["heads", String(report.heads)], ["feed-forward", String(report.feedForwardDim)],
          ["vocabulary", String(report.vocabularySize)],
          ["limits", "\(report.maxSourceTokens) source tokens, \(report.maxTargetTokens) target tokens"],
          ["languages", "\(report.languages.count): \(languages)\(report.languages.count > 12 ? " ..." : "")"],
          ["files", report.files.sorted { $0.key < $1.key }.map { "\($0) \($1)" }.joined(separator: ", ")],
        ])
    }
  }
}
