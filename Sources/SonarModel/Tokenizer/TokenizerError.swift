/// A text, piece, id or language the model's vocabulary cannot express.
public struct TokenizerError: Error, Hashable, CustomStringConvertible {
  public enum Code: Hashable, Sendable {
    case unreadableModel
    case notOneToken
    case unknownPiece
    case idOutOfRange
    case unknownLanguage
    case tooLong
  }

  public let code: Code
  public let description: String

  public init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }
}
