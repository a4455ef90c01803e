import ArgumentParser
import FleetClient

struct PauseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pause", abstract: "Give out no more of a job's units until it is resumed.",
    discussion: """
      What workers hold already is still computed and committed.

      Example:
        sonarsweep pause position
      """)

  @OptionGroup var change: JobChange

  func run() throws { try change.run { try await $0.change($1, .pause) } }
}
