import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore

/// An object of a request's body that has no other keys than these.
protocol StrictDecodable: Decodable {
  static var keys: Set<String> { get }
}

/// Request bodies in JSON.
enum JSONBody {
  private struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  private struct Strict<Value: StrictDecodable>: Decodable {
    let value: Value

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: AnyKey.self)
      if let other = container.allKeys.first(where: { !Value.keys.contains($0.stringValue) }) {
        let known = Value.keys.sorted().joined(separator: ", ")
        throw Problem(.badRequest, "there is no key '\(other.stringValue.prefix(100))'; there are \(known)")
      }
      value = try Value(from: decoder)
    }
  }

  /// - Throws: `Problem` where the body is too long, too slow, or not what it should be.
  static func read<Value: StrictDecodable>(
    _ type: Value.Type, _ request: Request, limit: Int, within time: Duration
  ) async throws -> Value {
    let bytes = try await RequestBytes.read(request, limit: limit, within: time)
    do {
      return try JSONDecoder().decode(Strict<Value>.self, from: bytes).value
    } catch let error as DecodingError {
      throw Problem(.badRequest, explain(error))
    }
  }

  private static func explain(_ error: DecodingError) -> String {
    func place(_ context: DecodingError.Context) -> String {
      context.codingPath.isEmpty ? "the body" : "'\(context.codingPath.map(\.stringValue).joined(separator: "."))'"
    }
    return switch error {
    case .keyNotFound(let key, _): "the key '\(key.stringValue)' is missing"
    case .valueNotFound(_, let context): "\(place(context)) must not be null"
    case .typeMismatch(_, let context), .dataCorrupted(let context):
      context.codingPath.isEmpty
        ? "the body is not a JSON object as this takes: \(context.debugDescription)"
        : "\(place(context)) is not as it should be: \(context.debugDescription)"
    @unknown default: "the body is not as it should be"
    }
  }
}

/// A request's body.
enum RequestBytes {
  /// - Throws: `Problem` where it is longer than `limit`, or does not arrive in time.
  static func read(_ request: Request, limit: Int, within time: Duration) async throws -> Data {
    _ = try length(of: request, limit: limit)
    return try await withThrowingTaskGroup(of: Data.self) { group in
      group.addTask {
        var data = Data()
        for try await part in request.body {
          guard data.count + part.readableBytes <= limit else { throw tooLong(limit) }
          data.append(contentsOf: part.readableBytesView)
        }
        return data
      }
      group.addTask {
        try await Task.sleep(for: time)
        throw Problem(.requestTimeout, "the body did not arrive within \(time)")
      }
      defer { group.cancelAll() }
      guard let data = try await group.next() else { throw CancellationError() }
      return data
    }
  }

  /// Bytes that the body will have: what its head says, else as many as it may have.
  ///
  /// - Throws: `Problem` where that is more than `limit`.
  static func length(of request: Request, limit: Int) throws -> Int {
    guard let length = request.headers[.contentLength].flatMap({ Int($0) }) else { return limit }
    guard length <= limit else { throw tooLong(limit) }
    return max(0, length)
  }

  private static func tooLong(_ limit: Int) -> Problem {
    Problem(.contentTooLarge, "the body may have \(limit) bytes")
  }
}
