import ArgumentParser
import Foundation

/// What a coordinator prints once it listens: where.
final class ListeningLines {
  struct Places: Equatable {
    let endpoint: String
    /// As of `--http`.
    let http: String
    let url: String
  }

  private let pipe = Pipe()
  private var text = ""

  /// The coordinator's standard output.
  var input: FileHandle { pipe.fileHandleForWriting }

  /// Waits for both lines; nil where it was stopped meanwhile.
  ///
  /// - Throws: `ExitCode` where the process ends instead, having said why on standard error.
  func wait(for process: FleetProcess, until stop: StopSignal) throws -> Places? {
    // With no writer here, the end of the process is the end of the pipe.
    try? pipe.fileHandleForWriting.close()
    let descriptor = pipe.fileHandleForReading.fileDescriptor
    while true {
      if let places = Self.places(in: text) { return places }
      var items = [
        pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
        pollfd(fd: stop.descriptor, events: Int16(POLLIN), revents: 0),
      ]
      guard poll(&items, 2, -1) > 0 else { continue }
      if items[1].revents != 0 { return nil }
      let piece = pipe.fileHandleForReading.availableData
      guard !piece.isEmpty else {
        process.waitUntilEnd()
        Output.note("the coordinator \(process.ending) before it listened")
        throw ExitCode(process.exitCode)
      }
      text += String(decoding: piece, as: UTF8.self)
    }
  }

  /// Of the lines `coordinator listens on ENDPOINT` and `HTTP on URL`.
  static func places(in text: String) -> Places? {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    func place(_ start: String) -> String? {
      lines.first { $0.hasPrefix(start) }.map { String($0.dropFirst(start.count)) }
    }
    guard let endpoint = place("coordinator listens on "), let url = place("HTTP on "),
      let scheme = url.range(of: "://")
    else { return nil }
    return Places(endpoint: endpoint, http: String(url[scheme.upperBound...]), url: url)
  }
}
