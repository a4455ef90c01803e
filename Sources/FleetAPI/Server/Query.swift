import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore

/// A request's query, each parameter at most once.
struct Query {
  private var values: [String: String] = [:]

  /// - Parameter names: those there may be.
  /// - Throws: `Problem`.
  init(_ request: Request, _ names: String...) throws {
    for pair in (request.uri.query ?? "").split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = Self.decoded(parts[0]), let value = Self.decoded(parts.count > 1 ? parts[1] : "") else {
        throw Problem(.badRequest, "the query is not percent-encoded UTF-8")
      }
      guard names.contains(name) else {
        let known = names.isEmpty ? "this takes none" : "there are \(names.joined(separator: ", "))"
        throw Problem(.badRequest, "there is no query parameter '\(name.prefix(100))'; \(known)")
      }
      guard values.updateValue(value, forKey: name) == nil else {
        throw Problem(.badRequest, "the query parameter '\(name)' stands there twice")
      }
    }
  }

  static func decoded(_ text: Substring) -> String? {
    String(text).replacing("+", with: " ").removingPercentEncoding
  }

  func text(_ name: String, longest: Int = 256) throws -> String? {
    guard let value = values[name] else { return nil }
    guard !value.isEmpty, value.unicodeScalars.count <= longest else {
      throw Problem(.badRequest, "\(name) must have 1 to \(longest) characters")
    }
    return value
  }

  /// Nil also where it is empty.
  func optionalText(_ name: String, longest: Int) throws -> String? {
    values[name] == "" ? nil : try text(name, longest: longest)
  }

  /// A value of a closed list.
  func choice<Value: RawRepresentable & CaseIterable>(_ name: String, _ type: Value.Type) throws -> Value?
  where Value.RawValue == String {
    guard let text = values[name] else { return nil }
    guard let value = Value(rawValue: text) else {
      throw Problem(
        .badRequest, "\(name) must be one of \(Value.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return value
  }

  func integer(_ name: String, _ range: ClosedRange<Int>) throws -> Int? {
    guard let text = values[name] else { return nil }
    guard let value = Self.natural(text), value <= UInt64(range.upperBound), value >= UInt64(range.lowerBound) else {
      throw Problem(.badRequest, "\(name) must be a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return Int(value)
  }

  /// A number however large; one that is too large for any unit is as good as the largest.
  func natural(_ name: String) throws -> UInt64? {
    guard let text = values[name] else { return nil }
    guard let value = Self.natural(text) else { throw Problem(.badRequest, "\(name) must be a whole number from 0 on") }
    return value
  }

  private static func natural(_ text: String) -> UInt64? {
    guard !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
      return nil
    }
    return UInt64(text) ?? .max
  }
}
