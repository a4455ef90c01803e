import Analysis
import ArgumentParser
import Foundation
import SonarModel
import SweepSpec
import TensorKernels

struct JobCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "job", abstract: "Check a job file, or see what it would do, without running it.",
    subcommands: [Validate.self, Plan.self])

  struct Validate: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Check a job file; every mistake is named with its line, and exit code 65.")

    @OptionGroup var options: ModelOptions
    @Argument(help: "The job's YAML file.") var file: String

    func run() throws {
      let job = try JobLoading.load(file, options)
      print("\(file) is valid: job \(job.id), \(job.sweep.unitCount.grouped) units")
    }
  }

  struct Plan: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show a job's axes, units, first and last probes, and what it would cost.")

    @OptionGroup var options: ModelOptions
    @Argument(help: "The job's YAML file.") var file: String
    @Option(help: "table or json.") var output = OutputFormat.table

    func run() throws {
      let job = try JobLoading.load(file, options)
      let model = job.spec.model.fingerprint == .none ? nil : try options.directory(default: job.spec.model.name)
      let plan = try JobPlan(job, model: model)
      switch output {
      case .json: try Output.json(plan)
      case .table: plan.print()
      }
    }
  }
}

enum JobLoading {
  /// Loads a job; its mistakes, those of its analyses too, are printed and end the program with exit code 65.
  ///
  /// - Parameters:
  ///   - precision: in place of the file's.
  ///   - note: what to add after the count of mistakes.
  static func load(
    _ file: String, _ options: ModelOptions, precision: Precision? = nil, note: String = ""
  ) throws -> Job {
    try read(file, options, precision: precision, note: note).job
  }

  /// The same, with the file's analyses.
  static func read(
    _ file: String, _ options: ModelOptions, precision: Precision? = nil, note: String = ""
  ) throws -> JobFile.Content {
    do {
      return try JobFile.read(
        URL(filePath: file), model: options.model, precision: precision, library: options.library,
        cache: EngineOptions.cache, analyses: Analyses.all)
    } catch let error as JobError {
      Output.note("\(error)")
      let count = error.diagnostics.count
      Output.note("\(count) mistake\(count == 1 ? "" : "s") in \(file)\(note)")
      throw ExitCode(65)
    }
  }
}
