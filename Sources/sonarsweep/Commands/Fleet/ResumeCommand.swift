import ArgumentParser
import FleetClient

struct ResumeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume", abstract: "Go on with a paused job.",
    discussion: """
      Example:
        sonarsweep resume position
      """)

  @OptionGroup var change: JobChange

  func run() throws { try change.run { try await $0.change($1, .resume) } }
}
