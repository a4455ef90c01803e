import ArgumentParser
import Foundation
import ResultStore
import SonarModel
import SweepSpec
import TensorKernels

/// A study's jobs, one after the other, and what they say of its claims.
struct StudyRun {
  let file: String
  let options: RunOptions
  let precision: Precision?

  private var results: URL { URL(filePath: options.results) }
  private var command: String { "sonarsweep run \(file)" }

  /// Runs to the end, prints the claims, and throws the exit code where it is not 0.
  func run() throws {
    let plan = try StudyPlan(file: file, options.model, results: options.results, precision: precision)
    let stop = try StopSignal()
    var ended: [StudyResult.JobResult] = []
    var ids: [String: JobID] = [:]
    var lost: [String: String] = [:]
    for (i, entry) in plan.study.jobs.enumerated() {
      guard !stop.wait(atMost: .zero) else { throw interrupted() }
      if let cause = lost[entry.name] {
        ended.append(.init(name: entry.name, status: .notRun, problem: "'\(cause)' failed"))
        note("[\(i + 1)/\(plan.study.jobs.count)] \(entry.name): not run, since '\(cause)' failed")
        continue
      }
      let units = plan.jobs[entry.name]?.sweep.unitCount ?? 0
      note("[\(i + 1)/\(plan.study.jobs.count)] \(entry.name): \(units.grouped) units")
      let result = try runJob(entry, ids, stop)
      ids[entry.name] = result.id.flatMap(JobID.init(rawValue:))
      ended.append(result)
      if result.status == .failed {
        Output.note("\(entry.name) failed: \(result.problem)")
        for dependent in plan.study.dependents(of: entry.name) where lost[dependent] == nil {
          lost[dependent] = entry.name
        }
      }
    }
    try finish(plan, ended, ids)
  }

  /// Throws where the whole study must stop.
  private func runJob(
    _ entry: Study.Entry, _ ids: [String: JobID], _ stop: StopSignal
  ) throws -> StudyResult.JobResult {
    var id: String?
    do {
      // What it is made of other runs can be computed only now.
      let runs = StoredRuns(results, named: ids)
      let content = try StudyPlan.load(entry, besides: URL(filePath: file), options.model, precision, runs)
      let job = content.job
      id = job.id.rawValue
      var status = StudyResult.JobStatus.done
      do {
        try JobRun(
          job: job, analyses: content.analyses, options: options, command: command, stop: stop, printsSummary: false
        ).run()
      } catch let code as ExitCode where code.rawValue == 2 {
        status = .unitsFailed
      }
      let summary = try ResultReader(ResultStore.directory(of: job.id, in: results)).summary()
      return .init(
        name: entry.name, id: id, status: status, units: summary.units, failedUnits: summary.failed)
    } catch let code as ExitCode {
      if code.rawValue == 130 { throw code }
      return .init(name: entry.name, id: id, status: .failed, problem: "it ended with exit code \(code.rawValue)")
    } catch {
      return .init(name: entry.name, id: id, status: .failed, problem: "\(error)")
    }
  }

  private func finish(_ plan: StudyPlan, _ jobs: [StudyResult.JobResult], _ ids: [String: JobID]) throws {
    var findings: [String: [StudyFinding]] = [:]
    for job in jobs where job.status == .done || job.status == .unitsFailed {
      guard let id = ids[job.name] else { continue }
      findings[job.name] = try StudyFindings.read(ResultStore.directory(of: id, in: results))
    }
    let model = plan.study.jobs.lazy.compactMap { plan.jobs[$0.name]?.spec.model }.first
    let result = StudyResult(plan.study, model: model, jobs: jobs, findings: findings)
    let directory = results.appending(path: plan.study.name)
    try StudyReport.write(result, to: directory)
    switch options.output {
    case .json: try Output.json(result)
    case .table: StudyReport.print(result, in: directory)
    }
    if result.exitCode != 0 { throw ExitCode(result.exitCode) }
  }

  private func interrupted() -> ExitCode {
    Output.note("stopped; what is committed is safe. The same command goes on from there: \(command)")
    return ExitCode(130)
  }

  private func note(_ text: String) { if !options.quiet { Output.note(text) } }
}
