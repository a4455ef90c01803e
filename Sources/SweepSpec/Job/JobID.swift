import Crypto
import Foundation

/// `<name>-<first 8 hex digits of the SHA-256 of the canonical spec>`; the spec holds the assets' hashes and the model's
/// fingerprint, so the same work has the same id.
public struct JobID: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
  public let rawValue: String

  /// - Returns: nil unless it is 1 to 80 letters, digits, dots, dashes and underscores, not starting with a dot: it
  ///   names a directory.
  public init?(rawValue: String) {
    guard (1...80).contains(rawValue.count), rawValue.allSatisfy(Self.isAllowed), !rawValue.hasPrefix(".") else {
      return nil
    }
    self.rawValue = rawValue
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let id = JobID(rawValue: try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a job id")
    }
    self = id
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(rawValue)
  }

  /// Nil where the name cannot be part of an id.
  public init?(name: String, canonicalSpec: Data) {
    let hash = SHA256.hash(data: canonicalSpec).prefix(4).map { String(format: "%02x", $0) }.joined()
    self.init(rawValue: "\(name)-\(hash)")
  }

  /// Whether a job or study can have this name.
  static func isName(_ name: String) -> Bool {
    (1...64).contains(name.count) && name.allSatisfy(isAllowed) && !name.hasPrefix(".")
  }

  static func isAllowed(_ character: Character) -> Bool {
    character.isASCII && (character.isLetter || character.isNumber || "-_.".contains(character))
  }

  public var description: String { rawValue }
}
