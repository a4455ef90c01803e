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
      print(text, terminator: "")
      try Output.flush()
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

  /// A key, and a place in its array, as `ids[1]`.
  private static func path(_ context: DecodingError.Context) -> String {
    context.codingPath.reduce(into: "") { path, key in
      path += key.intValue.map { "[\($0)]" } ?? (path.isEmpty ? key.stringValue : ".\(key.stringValue)")
    }
  }

  private static func name(of type: any Any.Type) -> String {
    switch type {
    case is Float.Type: "a number that fits float32"
    case is UInt32.Type, is Int.Type: "a whole number"
    case is String.Type: "a text"
    default: "an array"
    }
  }

  private static func describe(_ error: any Error) -> String {
    guard let error = error as? DecodingError else { return "\(error)" }
    switch error {
    case .keyNotFound(let key, _): return "the key '\(key.stringValue)' is missing"
    case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
      return context.codingPath.isEmpty
        ? "a row is a JSON object" : "'\(path(context))' is not \(Self.name(of: type))"
    case .dataCorrupted(let context):
      return context.codingPath.isEmpty ? "the row is not valid JSON" : "'\(path(context))' cannot be read"
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
