import ArgumentParser
import FleetClient

struct CancelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cancel", abstract: "Give a job of a fleet up.",
    discussion: """
      What is committed stays. Submitting the job again goes on from there.

      Example:
        sonarsweep cancel position
      """)

  @OptionGroup var change: JobChange

  func run() throws { try change.run { try await $0.change($1, .cancel) } }
}
