import FleetClient
import Foundation
import TerminalView

/// Jobs' progress on standard error: a bar on a terminal, a line now and then elsewhere.
struct JobProgressDisplay {
  private static let plainInterval = Duration.seconds(5)
  private static let barWidth = 24

  private let isTerminal = isatty(STDERR_FILENO) == 1
  private let isQuiet: Bool
  private var lastPlain: ContinuousClock.Instant?
  private var lastPhases: [RemoteJob.Phase] = []
  private var problems: [String: String] = [:]

  init(quiet: Bool) { isQuiet = quiet }

  mutating func update(_ jobs: [RemoteJob]) {
    guard !isQuiet, !jobs.isEmpty else { return }
    for job in jobs where !job.phase.hasEnded && problems[job.id] ?? "" != job.problem {
      problems[job.id] = job.problem
      if !job.problem.isEmpty { note("\(job.id) waits: \(job.problem)") }
    }
    if isTerminal {
      write("\r\u{1B}[2K" + fitted(JobProgress.line(jobs, barWidth: Self.barWidth)))
      return
    }
    let phases = jobs.map(\.phase)
    guard phases != lastPhases || lastPlain.map({ ContinuousClock.now - $0 >= Self.plainInterval }) ?? true else {
      return
    }
    (lastPhases, lastPlain) = (phases, .now)
    write(JobProgress.line(jobs) + "\n")
  }

  /// Prints a line of its own, above the bar.
  func note(_ text: String) {
    guard !isQuiet else { return }
    write(isTerminal ? "\r\u{1B}[2K\(text)\n" : "\(text)\n")
  }

  /// Leaves the bar's line.
  func end() { if isTerminal, !isQuiet { write("\r\u{1B}[2K") } }

  /// A line that wraps cannot be written over.
  private func fitted(_ line: String) -> String {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 1 else { return line }
    return String(line.prefix(Int(size.ws_col) - 1))
  }

  private func write(_ text: String) { try? FileHandle.standardError.write(contentsOf: Data(text.utf8)) }
}
