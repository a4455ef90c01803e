import Foundation
import SonarModel

/// An import's progress on standard error: a bar on a terminal, a line now and then elsewhere.
struct ImportDisplay {
  private static let plainInterval = Duration.seconds(5)
  private static let barInterval = Duration.milliseconds(100)
  private static let barWidth = 24

  private let isTerminal = isatty(STDERR_FILENO) == 1
  private let isQuiet: Bool
  private let start = ContinuousClock.now
  private var last: ContinuousClock.Instant

  init(quiet: Bool) {
    isQuiet = quiet
    last = start
  }

  mutating func update(_ progress: ImportProgress) {
    guard !isQuiet, ContinuousClock.now - last >= (isTerminal ? Self.barInterval : Self.plainInterval) else { return }
    last = .now
    write(isTerminal ? "\r\u{1B}[2K" + line(progress, bar: true) : line(progress, bar: false) + "\n")
  }

  /// Leaves the bar's line.
  func end() { if isTerminal, !isQuiet { write("\r\u{1B}[2K") } }

  private func line(_ progress: ImportProgress, bar: Bool) -> String {
    let fraction = Double(progress.done) / Double(max(progress.total, 1))
    let full = Int(fraction * Double(Self.barWidth))
    let (seconds, attoseconds) = (ContinuousClock.now - start).components
    let rate = Double(progress.done >> 20) / max(Double(seconds) + Double(attoseconds) * 1e-18, 1e-3)
    var parts = ["\(Int(fraction * 100))%", progress.phase.rawValue]
    if bar {
      parts.insert(
        "[" + String(repeating: "#", count: full) + String(repeating: "-", count: Self.barWidth - full) + "]", at: 0)
    }
    parts.append("\(UInt64(progress.done >> 20).grouped)/\(UInt64(progress.total >> 20).grouped) MiB")
    parts.append("\(Int(rate)) MiB/s")
    return parts.joined(separator: "  ")
  }

  private func write(_ text: String) { try? FileHandle.standardError.write(contentsOf: Data(text.utf8)) }
}
