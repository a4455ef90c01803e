import ArgumentParser

@main
struct SonarSweep: ParsableCommand {
  static let programVersion = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "sonarsweep",
    abstract: "Interpretability sweeps over the embeddings of SONAR-style text autoencoders.",
    discussion: """
      A job is a YAML file: a model, a sweep, what to decode. 'run' does it on this machine with a coordinator, an \
      aggregator and worker processes, and leaves a SQLite catalogue and Zarr arrays in results/<job id>. A group shares \
      one fleet: 'serve' runs it, 'submit' hands it jobs from anywhere.

      Examples:
        sonarsweep job plan jobs/position.yaml
        sonarsweep run jobs/position.yaml --workers 2
        sonarsweep results show position
        sonarsweep submit jobs/position.yaml --coordinator https://fleet.example --watch

      Exit codes: 0 done; 1 an error; 2 done, but some units failed; 64 wrong usage; 65 a job file with mistakes; \
      130 interrupted.
      """,
    version: programVersion,
    subcommands: [BenchMember.self],
    groupedSubcommands: [
      CommandGroup(
        name: "Sweeps:", subcommands: [RunCommand.self, RetryCommand.self, JobCommand.self]),
      CommandGroup(
        name: "Results:",
        subcommands: [ResultsCommand.self, ReportCommand.self, CompareCommand.self, ExportCommand.self]),
      CommandGroup(
        name: "Model:",
        subcommands: [
          EncodeCommand.self, DecodeCommand.self, LogitsCommand.self, TokenizeCommand.self, ModelCommand.self,
          BenchCommand.self,
        ]),
      CommandGroup(
        name: "Shared fleet:",
        subcommands: [
          ServeCommand.self, SubmitCommand.self, JobsCommand.self, StatusCommand.self, WatchCommand.self,
          TopCommand.self, FetchCommand.self, CancelCommand.self, PauseCommand.self, ResumeCommand.self,
          PriorityCommand.self, WorkersCommand.self, DrainCommand.self,
        ]),
      CommandGroup(
        name: "Fleet, process by process:",
        subcommands: [
          CoordinatorCommand.self, AggregatorCommand.self, WorkerCommand.self, KeysCommand.self, TokensCommand.self,
        ]),
    ])

  static func main() {
    do {
      var command = try parseAsRoot()
      do { try command.run() } catch let code as ExitCode where code == .success {}
      // What could not be written is no success.
      try Output.flush()
    } catch {
      exit(withError: error)
    }
  }
}
