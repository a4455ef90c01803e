import Testing

@Suite("A list of tokens with a mistake is refused, with the entry and what would do")
struct BadTokensTests {
  @Test("given as words", arguments: words)
  func word(_ bad: BadJob) throws { try bad.check() }

  @Test("given as pieces or ids", arguments: explicit)
  func pieceOrID(_ bad: BadJob) throws { try bad.check() }

  static let words: [BadJob] = [
    .position(
      "word for a list", line: 5, reads: "  tokens: dog", key: "sweep.tokens", says: "'dog' was found", "[a, b]"),
    .position("empty list", line: 5, reads: "  tokens: []", key: "sweep.tokens", says: "the list is empty"),
    .position("nothing", line: 6, reads: "  fillers:", key: "sweep.fillers", says: "nothing was found", "a list"),
    .position(
      "word of two tokens", line: 5, reads: "  tokens: [dog, speaker]", key: "sweep.tokens[1]",
      says: "'speaker' is 2 pieces: ▁speak er", "use a word that is one token"),
    .position(
      "word of two tokens in a list of lines", line: 5, reads: "  tokens:\n    - dog\n    - speaker", at: 7,
      key: "sweep.tokens[1]", says: "'speaker' is 2 pieces"),
    .position(
      "word the vocabulary cannot spell", line: 5, reads: "  tokens: [⚕]", key: "sweep.tokens[0]",
      says: "'⚕'", "not in the vocabulary"),
    .position(
      "unknown piece", line: 5, reads: "  tokens: [▁zzzz]", key: "sweep.tokens[0]",
      says: "the vocabulary has no piece '▁zzzz'"),
    .position(
      "empty word", line: 5, reads: "  tokens: [dog, '']", key: "sweep.tokens[1]", says: "nothing was found", "a word"),
    .position("blank word", line: 5, reads: "  tokens: ['  ']", key: "sweep.tokens[0]", says: "'  '", "one token"),
    .position("list for a word", line: 5, reads: "  tokens: [[dog]]", key: "sweep.tokens[0]", says: "a list was found"),
    .position(
      "mapping for a word", line: 5, reads: "  tokens: [dog: 1]", key: "sweep.tokens[0]", says: "a mapping was found"),
    .position(
      "word twice", line: 5, reads: "  tokens: [dog, cat, dog]", key: "sweep.tokens[2]",
      says: "'dog' stands there already", "entry 0"),
    .position(
      "token twice, spelt in two ways", line: 5, reads: "  tokens: [dog, ▁dog]", key: "sweep.tokens[1]",
      says: "'▁dog'", "already", "entry 0"),
  ]

  static let explicit: [BadJob] = [
    .position("neither pieces nor ids", line: 5, reads: "  tokens: {}", key: "sweep.tokens", says: "'pieces'", "'ids'"),
    .position(
      "pieces and ids", line: 5, reads: "  tokens: {pieces: [dog], ids: [5]}", key: "sweep.tokens",
      says: "'pieces'", "'ids'", "one of the two"),
    .position(
      "unknown key beside pieces", line: 5, reads: "  tokens: {pieces: [dog], words: [cat]}", key: "sweep.tokens.words",
      says: "unknown key 'words'", "ids, pieces"),
    .position(
      "unknown key of a range", line: 5, reads: "  tokens: {ids: {from: 4, to: 9, step: 2}}",
      key: "sweep.tokens.ids.step",
      says: "unknown key 'step'", "from, to"),
    .position("number for ids", line: 5, reads: "  tokens: {ids: 5}", key: "sweep.tokens.ids", says: "'5'", "a list"),
    .position(
      "word for an id", line: 5, reads: "  tokens: {ids: [dog]}", key: "sweep.tokens.ids[0]", says: "a whole number"),
    .position(
      "id out of the vocabulary", line: 5, reads: "  tokens: {ids: [7, 5200]}", key: "sweep.tokens.ids[1]",
      says: "5200 is outside 0 to 5199"),
    .position(
      "negative id", line: 5, reads: "  tokens: {ids: [-7]}", key: "sweep.tokens.ids[0]", says: "-7 is outside"),
    .position(
      "id twice", line: 5, reads: "  tokens: {ids: [7, 7]}", key: "sweep.tokens.ids[1]",
      says: "'7' stands there already", "entry 0"),
    .position(
      "range without an end", line: 5, reads: "  tokens: {ids: {from: 9}}", key: "sweep.tokens.ids", says: "'to'"),
    .position(
      "range beyond the vocabulary", line: 5, reads: "  tokens: {ids: {from: 9, to: 5200}}", key: "sweep.tokens.ids.to",
      says: "5200 is outside 0 to 5199"),
    .position(
      "range backwards", line: 5, reads: "  tokens:\n    ids:\n      from: 9\n      to: 4", at: 6,
      key: "sweep.tokens.ids",
      says: "from 9 is above to 4"),
  ]
}
