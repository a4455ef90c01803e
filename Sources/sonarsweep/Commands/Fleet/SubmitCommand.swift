import ArgumentParser
import FleetClient
import Foundation
import SweepSpec
import TensorKernels

struct SubmitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "submit", abstract: "Hand jobs to a shared fleet.",
    discussion: """
      Sends each job file, and the files it names beside it, to the coordinator and prints the job's id. The same job \
      again is the same job. The jobs go on whatever becomes of this command; with --watch it stays until they end.

      Exit codes: 0; 65 a file with mistakes, of which nothing was submitted; 1 another error. With --watch: 0 done; 2 \
      done, but some units failed; 1 a job failed or was cancelled; 130 stopped watching.

      Examples:
        sonarsweep submit position.yaml --watch
        sonarsweep submit *.yaml --priority 50
        sonarsweep submit position.yaml --coordinator https://fleet.example --token-file token
      """)

  @Argument(help: "Job files.", completion: .file(extensions: ["yaml", "yml"])) var files: [String]
  @Flag(help: "Show progress until the jobs end.") var watch = false
  @Option(help: "1 to 100: jobs share the workers' time in this ratio. Default: 10.") var priority: Int?
  @Option(help: "fp32, bf16 or int8, in place of the job's.") var precision: Precision?
  @Flag(help: "Show no progress.") var quiet = false
  @Option(help: "table or json.") var output = OutputFormat.table
  @OptionGroup var connection: ConnectionOptions

  func validate() throws {
    guard (1...100).contains(priority ?? 1) else { throw ValidationError("--priority must be 1 to 100") }
  }

  func run() throws {
    // Read all of them before any is sent.
    let submissions = try files.map { try JobFiles($0) }
    var jobs: [RemoteJob] = []
    var hasMistakes = false
    for submission in submissions {
      do {
        let (job, isNew) = try submit(submission)
        if !isNew, !quiet { Output.note("\(submission.file) is there already, \(job.phase.rawValue)") }
        jobs.append(job)
        if output == .table { print(job.id) }
        try Output.flush()
      } catch let error as FleetClientError {
        guard case .mistakes(let mistakes) = error.code else { throw error }
        submission.report(mistakes)
        hasMistakes = true
      }
    }
    if watch, !jobs.isEmpty {
      jobs = try JobWatch(
        configuration: try connection.configuration(), jobs: jobs, quiet: quiet, typed: connection.typed
      ).run()
    }
    if output == .json { for job in jobs { try Output.json(job) } }
    if hasMistakes { throw ExitCode(65) }
    if !quiet { sayWhatNext(jobs) }
    if watch { throw JobWatch.exitCode(jobs) }
  }

  private func sayWhatNext(_ jobs: [RemoteJob]) {
    guard let job = jobs.first else { return }
    let isOne = jobs.count == 1
    if !watch {
      Output.note(
        "\(isOne ? "watch it" : "watch them") by: sonarsweep watch\(isOne ? " \(job.id)" : "")\(connection.typed)")
    } else if isOne, job.phase == .done {
      Output.note(
        "read its report by: sonarsweep fetch \(job.id) --format report --output-file \(job.name).html\(connection.typed)"
      )
    }
  }

  private func submit(_ files: JobFiles) throws -> (RemoteJob, Bool) {
    let (priority, precision) = (priority, precision?.rawValue)
    let submission = files.submission
    return try connection.run { client in
      let answer = try await client.submit(submission, priority: priority, precision: precision)
      return (answer.job, answer.isNew)
    }
  }
}
