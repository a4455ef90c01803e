import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore

/// JSON as this interface writes it: keys in snake case, times in RFC 3339.
enum JSONAnswer {
  static func data(_ value: some Encodable) -> ByteBuffer {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.dateEncodingStrategy = .iso8601
    // A number that is none must cost no answer.
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    return ByteBuffer(bytes: (try? encoder.encode(value)) ?? Data("null".utf8))
  }

  static func response(
    _ value: some Encodable, status: HTTPResponse.Status = .ok, type: String = "application/json"
  ) -> Response {
    Response(
      status: status, headers: [.contentType: type, .cacheControl: "no-store"],
      body: ResponseBody(byteBuffer: data(value)))
  }
}

/// A value that JSON says `null` for where there is none, rather than leaving its key out.
enum OrNull<Value: Encodable & Hashable>: Encodable, Hashable {
  case some(Value)
  case null

  init(_ value: Value?) { self = value.map(Self.some) ?? .null }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .some(let value): try container.encode(value)
    case .null: try container.encodeNil()
    }
  }
}
extension OrNull: Sendable where Value: Sendable {}
