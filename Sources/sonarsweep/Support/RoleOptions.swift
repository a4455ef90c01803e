import ArgumentParser
import Foundation
import Logging

/// What coordinator, aggregator and worker have in common.
struct RoleOptions: ParsableArguments {
  @Option(help: "How much to log.")
  var logLevel = LogLevel.info

  @Flag(help: .hidden) var withParent = false

  /// A logger that writes to standard error.
  func logger(_ label: String) -> Logger {
    var logger = Logger(label: label) { StreamLogHandler.standardError(label: $0) }
    logger.logLevel = logLevel.level
    return logger
  }

  /// For people: this host and process.
  var processName: String { "\(ProcessInfo.processInfo.hostName):\(ProcessInfo.processInfo.processIdentifier)" }
}

/// `--log-level`
enum LogLevel: String, ExpressibleByArgument, CaseIterable {
  case debug, info, warning, error

  var level: Logger.Level {
    switch self {
    case .debug: .debug
    case .info: .info
    case .warning: .warning
    case .error: .error
    }
  }
}
