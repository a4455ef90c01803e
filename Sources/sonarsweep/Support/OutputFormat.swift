import ArgumentParser
import FleetClient
import Foundation
import TerminalView

/// `--output`
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
  case table
  case json
}

enum Output {
  /// Prints a value as one JSON object or array, keys sorted and in snake case.
  static func json(_ value: some Encodable) throws { print(try jsonText(value)) }

  /// A value as one JSON object or array, keys sorted and in snake case.
  static func jsonText(_ value: some Encodable) throws -> String {
    String(decoding: try encoder([.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]).encode(value), as: UTF8.self)
  }

  private static func encoder(_ formatting: JSONEncoder.OutputFormatting) -> JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = formatting
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.dateEncodingStrategy = .custom { date, encoder in
      var container = encoder.singleValueContainer()
      try container.encode(RemoteJSON.text(date))
    }
    return encoder
  }

  /// Prints rows in aligned columns under a header.
  static func table(_ header: [String], _ rows: [[String]]) {
    let widths = header.indices.map { column in ([header] + rows).map { $0[column].count }.max() ?? 0 }
    for row in [header] + rows {
      let cells = zip(row, widths).map { $0.padding(toLength: $1, withPad: " ", startingAt: 0) }
      print(cells.joined(separator: "  ").trimmingSuffix(" "))
    }
  }

  /// Prints a value as one line of JSON, keys sorted and in snake case.
  static func jsonLine(_ value: some Encodable) throws {
    print(String(decoding: try encoder([.sortedKeys, .withoutEscapingSlashes]).encode(value), as: UTF8.self))
    try flush()
  }

  /// Prints a row of a table whose other rows come later.
  static func row(_ cells: [String], widths: [Int]) throws {
    let padded = zip(cells, widths).map { $0.padding(toLength: max($1, $0.count), withPad: " ", startingAt: 0) }
    print(padded.joined(separator: "  ").trimmingSuffix(" "))
    try flush()
  }

  /// Writes out what was printed. Throws where that is not possible, as on a full disk.
  static func flush() throws {
    guard fflush(nil) != 0 else { return }
    let code = errno
    // Whoever reads has had enough, as 'head' has; as if the signal had come that HTTP keeps away.
    guard code != EPIPE else { throw ExitCode(128 + SIGPIPE) }
    throw CommandError("cannot write to standard output: \(String(cString: strerror(code)))")
  }

  /// Writes a line to standard error; where that is not possible, there is nobody to tell.
  static func note(_ text: String) { try? FileHandle.standardError.write(contentsOf: Data("\(text)\n".utf8)) }
}

extension String {
  fileprivate func trimmingSuffix(_ character: Character) -> String {
    var text = self[...]
    while text.last == character { text.removeLast() }
    return String(text)
  }
}

extension UInt64 {
  /// With thousands separators: 1,234,567.
  var grouped: String { TerminalView.Words.count(self) }
}
