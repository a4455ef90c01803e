import ArgumentParser
import FleetClient

struct PriorityCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "priority", abstract: "Change a job's share of a fleet.",
    discussion: """
      Jobs share the workers' time in the ratio of their priorities: one of 20 gets twice as much as one of 10. None \
      starves.

      Example:
        sonarsweep priority position 50
      """)

  @OptionGroup var change: JobChange
  @Argument(help: "1 to 100; jobs are submitted with 10.") var priority: Int

  func validate() throws {
    guard (1...100).contains(priority) else { throw ValidationError("the priority must be 1 to 100") }
  }

  func run() throws {
    let priority = priority
    try change.run { try await $0.setPriority(of: $1, to: priority) }
  }
}
