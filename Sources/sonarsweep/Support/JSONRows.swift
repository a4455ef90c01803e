import Foundation
import SonarModel

/// Reads JSON Lines, answers each row in its place, and keeps going over bad ones.
enum JSONRows {
  /// Rows answered together.
  private static let batch = 256

  /// - Parameter answer: answers a batch of rows, one line of JSON or one error each, in order.
  /// - Returns: whether every row had an answer.
  static func process<Row: Decodable>(
    _ path: String, as: Row.Type, answer: ([Result<Row, any Error>]) throws -> [Result<String, any Error>]
  ) throws -> Bool {
    var good = true
    var rows: [Result<Row, any Error>] = []
    func flush() throws {
      var text = ""
      for result in try answer(rows) {
        switch result {
        case .success(let line): text += line + "\n"
        case .failure(let error):
          good = false
          text += try line(["error": describe(error)]) + "\n"
        }
      }
      FileHandle.standardOutput.write(Data(text.utf8))
      rows = []
    }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    for line in try LineReader(path) where !line.allSatisfy(\.isWhitespace) {
      rows.append(Result { try decoder.decode(Row.self, from: Data(line.utf8)) })
      if rows.count == batch { try flush() }
    }
    if !rows.isEmpty { try flush() }
    return good
  }

  /// A JSON object on one line.
  static func line(_ object: [String: Any]) throws -> String {
    String(
      decoding: try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes]),
      as: UTF8.self)
  }

  private static func describe(_ error: any Error) -> String {
    guard let error = error as? DecodingError else { return "\(error)" }
    switch error {
    case .keyNotFound(let key, _): return "the key '\(key.stringValue)' is missing"
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      return "'\(context.codingPath.map(\.stringValue).joined(separator: "."))': \(context.debugDescription)"
    case .dataCorrupted: return "the row is not valid JSON"
    @unknown default: return "\(error)"
    }
  }
}

extension [Float] {
  /// A JSON array, each value in the fewest digits that give it back exactly.
  var json: String { "[" + map(\.description).joined(separator: ",") + "]" }
}

extension [TokenID] {
  var json: String { "[" + map(\.description).joined(separator: ",") + "]" }
}
