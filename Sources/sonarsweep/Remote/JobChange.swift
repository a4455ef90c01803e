import ArgumentParser
import FleetClient
import TerminalView

/// What commands that change a job have in common.
struct JobChange: ParsableArguments {
  @Argument(help: "The job's id, or the start of it.", completion: .jobs) var job: String
  @Option(help: "table or json.") var output = OutputFormat.table
  @OptionGroup var connection: ConnectionOptions

  /// Changes the job and shows how it stands then.
  func run(_ body: @escaping @Sendable (CoordinatorClient, String) async throws -> RemoteJob) throws {
    let name = job
    let job = try connection.run { try await body($0, name) }
    switch output {
    case .json: try Output.json(job)
    case .table: print("\(job.id)  \(JobProgress.line(job))  priority \(job.priority)")
    }
  }
}
