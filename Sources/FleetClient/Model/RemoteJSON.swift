import Foundation

/// The API's JSON: keys in snake case, times in RFC 3339.
public enum RemoteJSON {
  /// - Throws: `FleetClientError` where the data is not what openapi.yaml says.
  package static func decode<Value: Decodable>(_ type: Value.Type, from data: Data) throws -> Value {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    decoder.dateDecodingStrategy = .custom { decoder in
      let container = try decoder.singleValueContainer()
      let text = try container.decode(String.self)
      guard let date = time(text) else {
        throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(text)' is no time")
      }
      return date
    }
    do {
      return try decoder.decode(type, from: data)
    } catch let error as DecodingError {
      throw FleetClientError(
        .unexpectedAnswer,
        "the coordinator's answer is not understood (\(describe(error))); it may be another version of the program, "
          + "or the URL another service's")
    }
  }

  /// RFC 3339, with fractions of a second or without.
  static func time(_ text: String) -> Date? {
    (try? Date.ISO8601FormatStyle(includingFractionalSeconds: true).parse(text))
      ?? (try? Date.ISO8601FormatStyle().parse(text))
  }

  /// RFC 3339 in UTC, to the millisecond where it is not a whole second.
  public static func text(_ time: Date) -> String {
    let milliseconds = (time.timeIntervalSince1970 * 1000).rounded()
    let isWhole = milliseconds.truncatingRemainder(dividingBy: 1000) == 0
    return time.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: !isWhole))
  }

  private static func describe(_ error: DecodingError) -> String {
    func path(_ context: DecodingError.Context) -> String {
      let keys = context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }
      return keys.isEmpty ? "the answer" : "'\(keys.joined(separator: "."))'"
    }
    return switch error {
    case .keyNotFound(let key, _): "'\(key.stringValue)' is missing"
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
      "\(path(context)) cannot be read"
    @unknown default: "\(error)"
    }
  }
}
