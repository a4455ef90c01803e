/// A row of the vocabulary, in fairseq2's numbering: `<pad>` 0, `<unk>` 1, `<s>` 2, `</s>` 3, then the SentencePiece
/// pieces, then the language tokens.
public struct TokenID: RawRepresentable, Hashable, Sendable, Comparable, Codable, CustomStringConvertible {
  public let rawValue: UInt32

  public init(rawValue: UInt32) { self.rawValue = rawValue }
  public init(_ value: Int) { rawValue = UInt32(value) }

  public var index: Int { Int(rawValue) }
  public var description: String { String(rawValue) }
  public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}
