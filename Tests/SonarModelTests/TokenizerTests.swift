import Foundation
import SonarModel
import Testing

@Suite("Tokenizer")
struct TokenizerTests {
  let tokenizer: Tokenizer

  init() throws { tokenizer = try EmbeddedModel.directory.tokenizer() }

  @Test("a word that is one piece has one token, with or without its ▁")
  func word() throws {
    #expect(try tokenizer.token(ofWord: "dog") == TokenID(1738))
    #expect(try tokenizer.token(ofWord: "\u{2581}dog") == TokenID(1738))
    #expect(tokenizer.piece(of: TokenID(1738)) == "\u{2581}dog")
  }

  @Test("a word of several pieces is refused with its pieces")
  func severalPieces() {
    #expect(throws: TokenizerError(.notOneToken, "'speaker' is 2 pieces: \u{2581}speak er")) {
      try tokenizer.token(ofWord: "speaker")
    }
  }

  @Test("an unknown piece, an unknown character and an empty word are refused", arguments: ["\u{2581}qqqq", "漢", ""])
  func unknown(word: String) {
    #expect(throws: TokenizerError.self) { try tokenizer.token(ofWord: word) }
  }

  @Test("an unknown language is refused with the known ones")
  func language() {
    #expect(
      throws: TokenizerError(.unknownLanguage, "the model has no language 'xx'; it has eng_Latn, spa_Latn, fra_Latn")
    ) {
      try tokenizer.token(of: "xx")
    }
  }

  @Test("ids outside the vocabulary are refused")
  func ids() throws {
    try tokenizer.check([TokenID(0), TokenID(5199)])
    #expect(throws: TokenizerError.self) { try tokenizer.check([TokenID(5200)]) }
  }

  @Test("special and language tokens have names and no text")
  func special() {
    #expect(
      [0, 1, 2, 3, 5198].map { tokenizer.piece(of: TokenID($0)) } == ["<pad>", "<unk>", "<s>", "</s>", "__spa_Latn__"])
    #expect(tokenizer.decode([TokenID(3), TokenID(5197), TokenID(1738), TokenID(3)]) == "dog")
  }

  @Test("bytes that are no SentencePiece model are refused")
  func garbage() throws {
    let config = try EmbeddedModel.directory.config()
    #expect(throws: TokenizerError.self) { try Tokenizer(model: Data("nonsense".utf8), config: config) }
  }
}
