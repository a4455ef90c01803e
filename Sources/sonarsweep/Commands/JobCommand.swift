import Analysis
import ArgumentParser
import Foundation
import ResultStore
import SonarModel
import SweepSpec
import TensorKernels

struct JobCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "job", abstract: "Check a job file, or see what it would do, without running it.",
    subcommands: [Validate.self, Plan.self, JobCompileCommand.self])

  struct Validate: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Check a job file; every mistake is named with its line, and exit code 65.")

    @OptionGroup var options: ModelOptions
    @Argument(help: "The job's YAML file, or a study's.") var file: String
    @Option(help: "The directory with the runs that vectors are made from.") var results = "results"

    func run() throws {
      if StudyFile.isStudy(URL(filePath: file)) {
        let plan = try StudyPlan(file: file, options, results: results)
        return print("\(file) is valid: \(plan.study.jobs.count) jobs, \(plan.units.grouped) units")
      }
      let job = try JobLoading.load(file, options, results: results)
      print("\(file) is valid: job \(job.id), \(job.sweep.unitCount.grouped) units")
    }
  }

  struct Plan: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show a job's axes, units, first and last probes, and what it would cost.")

    @OptionGroup var options: ModelOptions
    @Argument(help: "The job's YAML file, or a study's.") var file: String
    @Option(help: "The directory with the runs that vectors are made from.") var results = "results"
    @Option(help: "table or json.") var output = OutputFormat.table

    func run() throws {
      if StudyFile.isStudy(URL(filePath: file)) {
        return try StudyPlan(file: file, options, results: results).print(as: output)
      }
      let job = try JobLoading.load(file, options, results: results)
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
  ///   - results: the directory of the runs that vectors are made from.
  ///   - precision: in place of the file's.
  ///   - note: what to add after the count of mistakes.
  static func load(
    _ file: String, _ options: ModelOptions, results: String, precision: Precision? = nil, note: String = ""
  ) throws -> Job {
    try read(file, options, results: results, precision: precision, note: note).job
  }

  /// The same, with the file's analyses.
  static func read(
    _ file: String, _ options: ModelOptions, results: String, precision: Precision? = nil, note: String = ""
  ) throws -> JobFile.Content {
    try reportingMistakes(in: file, note) {
      try JobFile.read(
        URL(filePath: file), model: options.model, precision: precision, library: options.library,
        cache: EngineOptions.cache, runs: StoredRuns(URL(filePath: results)), fitting: ProbeWeights(),
        analyses: Analyses.all)
    }
  }

  /// Prints the mistakes of a file that a body reads, and ends the program with exit code 65 where there are any.
  static func reportingMistakes<Result>(in file: String, _ note: String = "", _ body: () throws -> Result) throws
    -> Result
  {
    do {
      return try body()
    } catch let error as JobError {
      Output.note("\(error)")
      let count = error.diagnostics.count
      Output.note("\(count) mistake\(count == 1 ? "" : "s") in \(file)\(note)")
      throw ExitCode(65)
    }
  }
}
