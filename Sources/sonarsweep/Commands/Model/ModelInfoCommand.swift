import ArgumentParser
import Foundation
import SonarModel

struct ModelInfoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info", abstract: "A model's sizes, languages, fingerprint, and whether its files are as published.",
    discussion: """
      Exit code 1 where a file is not the one SHA256SUMS lists.

      Examples:
        sonarsweep model info
        sonarsweep model info sonar --output json
      """)

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
    /// Per file: `ok`, `changed`, `missing` or `not listed`, against `SHA256SUMS`.
    let files: [String: ModelDirectory.FileState]
  }

  func run() throws {
    let model = try options.library.model(named: name ?? options.model ?? "sonar-mini")
    let config = try model.config()
    let report = Report(
      name: model.name, path: model.url.path, fingerprint: try model.fingerprint().rawValue, dim: config.modelDim,
      encoderLayers: config.encoderLayers, decoderLayers: config.decoderLayers, heads: config.heads,
      feedForwardDim: config.feedForwardDim, vocabularySize: config.vocabularySize,
      maxSourceTokens: config.maxSourceTokens, maxTargetTokens: config.maxTargetTokens,
      languages: config.languages.map(\.rawValue), files: try model.checkSums())
    switch output {
    case .json: try Output.json(report)
    case .table: printTable(report)
    }
    if report.files.values.contains(where: { $0 == .changed || $0 == .missing }) { throw ExitCode.failure }
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
        ["files", report.files.sorted { $0.key < $1.key }.map { "\($0) \($1.rawValue)" }.joined(separator: ", ")],
      ])
  }
}
