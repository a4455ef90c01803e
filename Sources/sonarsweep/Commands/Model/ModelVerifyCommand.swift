import ArgumentParser
import Foundation
import SonarModel

struct ModelVerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Check a model's files, and what it computes against reference values.",
    discussion: """
      A model of the sizes of Meta's SONAR must give the values Meta published: cosines of two sentence pairs, an \
      embedding, logits, and two translations by beam search. A model with a golden.json must give the values in it. \
      Exit code 1 where a check fails; what could not be checked is said, and is no failure.

      Examples:
        sonarsweep model verify sonar --threads 8
        sonarsweep model verify sonar-mini --output json
      """)

  @OptionGroup var options: ModelOptions
  @Argument(help: "The model's name, or the path of its directory; default sonar-mini.") var name: String?
  @Option(help: "Threads of a matrix product.") var threads = 1
  @Option(help: "table or json.") var output = OutputFormat.table

  struct Report: Encodable {
    let name: String
    let path: String
    let passed: Bool
    let checks: [ModelCheck]
  }

  func validate() throws {
    guard (1...1024).contains(threads) else { throw ValidationError("--threads must be 1 to 1024") }
  }

  func run() throws {
    let model = try options.library.model(named: name ?? options.model ?? "sonar-mini")
    let checks = ModelVerification(model, threads: threads).run { check in
      // A large model takes minutes; each line comes as it is known.
      guard output == .table else { return }
      print("\(check.outcome.rawValue.padded(to: 8))\(check.name): \(check.detail)")
    }
    let counts = Dictionary(grouping: checks, by: \.outcome).mapValues(\.count)
    let passed = counts[.fail] == nil
    switch output {
    case .json: try Output.json(Report(name: model.name, path: model.url.path, passed: passed, checks: checks))
    case .table:
      print(
        "\(model.name): \(counts[.pass] ?? 0) passed, \(counts[.fail] ?? 0) failed, \(counts[.skipped] ?? 0) not checked"
      )
    }
    if !passed { throw ExitCode.failure }
  }
}

extension String {
  /// With spaces at its end, up to a width.
  fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
