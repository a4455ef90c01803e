import SonarModel

/// What a corpus's cells hold.
enum CorpusForm: String, Codable, CaseIterable {
  /// Running text.
  case text
  /// Words or ▁-pieces that are one token each, separated by spaces.
  case pieces
  /// Token ids, separated by spaces.
  case ids

  /// The key `form`, `text` where it is not there; nil after reporting a mistake.
  static func read(_ mapping: YAMLMapping) -> CorpusForm? {
    mapping.optional("form").map { $0.choice(allCases.map(\.rawValue)).flatMap(CorpusForm.init) } ?? .text
  }

  func content(of cell: String) throws -> TokenSequence.Content {
    let words = cell.split(separator: " ").map(String.init)
    switch self {
    case .text: return .text(cell)
    case .pieces: return .tokens(words.map { .word($0) })
    case .ids:
      return .tokens(
        try words.map { word in
          guard let id = UInt32(word) else { throw SweepError("'\(word)' is not a token id") }
          return .id(TokenID(rawValue: id))
        })
    }
  }

  /// Throws what is wrong with a cell the model cannot read.
  func check(_ cell: String, in tokenizer: Tokenizer?) throws {
    guard cell.contains(where: { !$0.isWhitespace }) else { throw SweepError("the cell is empty") }
    let content = try content(of: cell)
    if let tokenizer { _ = try TokenSequence(language: "", content).contentIDs(in: tokenizer) }
  }
}
