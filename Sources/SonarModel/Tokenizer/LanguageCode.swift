/// A language as SONAR names it: FLORES-200 code, such as `eng_Latn`.
public struct LanguageCode: RawRepresentable, Hashable, Sendable, Codable, Comparable, CustomStringConvertible,
  ExpressibleByStringLiteral
{
  public let rawValue: String

  public init(rawValue: String) { self.rawValue = rawValue }
  public init(_ value: String) { rawValue = value }
  public init(stringLiteral value: String) { rawValue = value }

  public var description: String { rawValue }
  public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}
