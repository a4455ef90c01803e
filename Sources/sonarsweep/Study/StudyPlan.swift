import Analysis
import ArgumentParser
import Foundation
import ResultStore
import SonarModel
import SweepSpec
import TensorKernels

/// A study with all its jobs read and checked, before any of them runs: vectors of runs that are yet to come are taken
/// for zero.
struct StudyPlan {
  let study: Study
  /// By their names in the study.
  let jobs: [String: Job]

  /// Prints every mistake of every file and ends the program with exit code 65 where there are any.
  init(file: String, _ options: ModelOptions, results: String, precision: Precision? = nil) throws {
    let url = URL(filePath: file)
    let study = try JobLoading.reportingMistakes(in: file, "; nothing was started") { try StudyFile.load(url) }
    var jobs: [String: Job] = [:]
    var mistakes = 0
    for entry in study.jobs where entry.needs.allSatisfy({ jobs[$0] != nil }) {
      let runs = PlannedRuns(entry: entry, study: study, jobs: jobs, stored: StoredRuns(URL(filePath: results)))
      do {
        jobs[entry.name] = try Self.load(entry, besides: url, options, precision, runs).job
      } catch let error as JobError {
        Output.note("\(error)")
        mistakes += error.diagnostics.count
      }
    }
    guard mistakes == 0 else {
      Output.note("\(mistakes) mistake\(mistakes == 1 ? "" : "s") in the jobs of \(file); nothing was started")
      throw ExitCode(65)
    }
    self.study = study
    self.jobs = jobs
  }

  /// Reads one job of a study.
  static func load(
    _ entry: Study.Entry, besides study: URL, _ options: ModelOptions, _ precision: Precision?, _ runs: any RunVectors
  ) throws -> JobFile.Content {
    try JobFile.read(
      study.deletingLastPathComponent().appending(path: entry.file), model: options.model, precision: precision,
      library: options.library, cache: EngineOptions.cache, name: entry.isRenamed ? entry.name : nil, runs: runs,
      fitting: ProbeWeights(), analyses: Analyses.all)
  }

  var units: UInt64 {
    study.jobs.reduce(0) { sum, entry in
      let (total, overflow) = sum.addingReportingOverflow(jobs[entry.name]?.sweep.unitCount ?? 0)
      return overflow ? .max : total
    }
  }

  private struct Row: Encodable {
    let name: String
    let file: String
    let needs: [String]
    let kind: String
    let model: String
    let units: UInt64
    let decodesPerUnit: Int
  }

  func print(as format: OutputFormat) throws {
    let rows = study.jobs.compactMap { entry in
      jobs[entry.name].map { job in
        Row(
          name: entry.name, file: entry.file, needs: entry.needs, kind: type(of: job.spec.sweep.kind).name,
          model: job.spec.model.name, units: job.sweep.unitCount, decodesPerUnit: job.spec.decode?.languages.count ?? 0)
      }
    }
    switch format {
    case .json: try Output.json(rows)
    case .table:
      Output.table(
        ["", "job", "kind", "units", "decodes per unit", "needs"],
        rows.enumerated().map { i, row in
          [
            String(i + 1), row.name, row.kind, row.units.grouped, String(row.decodesPerUnit),
            row.needs.joined(separator: ", "),
          ]
        })
      Swift.print("\n\(units.grouped) units in all, \(study.claims.count) claims")
    }
  }
}

/// The runs a job of a study may use while none has run: those it needs, as they will be, and those that are there.
private struct PlannedRuns: RunVectors {
  let entry: Study.Entry
  let study: Study
  let jobs: [String: Job]
  let stored: StoredRuns

  func run(named name: String) throws -> any RunEmbeddings {
    guard study.jobs.contains(where: { $0.name == name }) else { return try stored.run(named: name) }
    guard entry.needs.contains(name), let job = jobs[name] else {
      throw SweepError("'\(name)' is a job of the study; it must be among what '\(entry.name)' needs")
    }
    return PlannedRun(job)
  }
}
