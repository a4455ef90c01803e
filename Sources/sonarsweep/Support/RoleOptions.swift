import ArgumentParser
import Foundation
import Logging

/// What coordinator, aggregator and worker have in common.
struct RoleOptions: ParsableArguments {
  @Option(help: "trace, debug, info, notice, warning, error or critical.")
  var logLevel: Logger.Level = .info

  @Flag(help: .hidden) var withParent = false

  /// A logger that writes to standard error.
  func logger(_ label: String) -> Logger {
    var logger = Logger(label: label) { StreamLogHandler.standardError(label: $0) }
    logger.logLevel = logLevel
    return logger
  }

  /// For people: this host and process.
  var processName: String { "\(ProcessInfo.processInfo.hostName):\(ProcessInfo.processInfo.processIdentifier)" }
}

extension Logger.Level: @retroactive ExpressibleByArgument {}
