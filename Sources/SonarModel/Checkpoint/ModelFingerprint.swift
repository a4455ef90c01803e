/// The identity of a model's weights, tokenizer, config and precision: equal fingerprints give equal results.
public struct ModelFingerprint: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
  public let rawValue: String

  public init(rawValue: String) { self.rawValue = rawValue }
  public init(_ value: String) { rawValue = value }

  /// Of a sweep that needs no model.
  public static let none = Self("")

  /// The first 12 hex digits, enough to tell models apart by eye.
  public var description: String { rawValue.isEmpty ? "none" : String(rawValue.prefix(12)) }
}
