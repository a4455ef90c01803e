import Testing

@Suite("A job file with a mistake is refused, with the place and what would do")
struct BadJobTests {
  @Test("at the top level", arguments: topLevel)
  func top(_ bad: BadJob) throws { try bad.check() }

  @Test("in a sweep's keys", arguments: sweeps)
  func sweep(_ bad: BadJob) throws { try bad.check() }

  @Test("in lengths and positions", arguments: lengths)
  func length(_ bad: BadJob) throws { try bad.check() }

  @Test("in what to decode", arguments: decodes)
  func decode(_ bad: BadJob) throws { try bad.check() }

  static let topLevel: [BadJob] = [
    .position("unknown key", line: 10, reads: "sweeps: 3", key: "sweeps", says: "unknown key", "Did you mean 'sweep'?"),
    .position("no name", line: 1, reads: "", at: 2, key: "", says: "the key 'name' is missing"),
    .position("name with a slash", line: 1, reads: "name: a/b", key: "name", says: "'a/b' is not a name", "letters"),
    .position("name that hides", line: 1, reads: "name: .a", key: "name", says: "'.a'", "not starting with a dot"),
    .position("empty name", line: 1, reads: "name: ''", key: "name", says: "'' is not a name"),
    .position("name not given", line: 1, reads: "name:", key: "name", says: "nothing was found", "a text is needed"),
    .position("name in other letters", line: 1, reads: "name: ñandú", key: "name", says: "'ñandú' is not a name"),
    .position(
      "name too long", line: 1, reads: "name: \(String(repeating: "a", count: 65))", key: "name", says: "1 to 64"),
    .position("number for a name", line: 1, reads: "name: 12", key: "name", says: "'12' was found", "quote it"),
    .position(
      "list for a name", line: 1, reads: "name: [a]", key: "name", says: "a list was found", "a text is needed"),
    .position("version to come", line: 10, reads: "version: 2", key: "version", says: "2 is outside 1 to 1"),
    .position(
      "no precision", line: 10, reads: "precision: fp64", key: "precision", says: "'fp64'", "fp32, bf16, int8"),
    .null("a precision without a model", line: 6, reads: "precision: bf16", key: "precision", says: "leave this out"),
    .position("no truth value", line: 10, reads: "truncate: maybe", key: "truncate", says: "'maybe'", "true or false"),
    .position(
      "number for a model", line: 10, reads: "model: 3", key: "model", says: "'3' was found", "a text is needed"),
    .position(
      "unknown model", line: 10, reads: "model: sonar-minni", key: "model",
      says: "no model 'sonar-minni'", "Did you mean 'sonar-mini'?"),
    .position(
      "path for a model", line: 10, reads: "model: ../models/sonar-mini", key: "model", says: "is a path",
      "--model-path"),
    .position(
      "no model for a kind that needs one", line: 10, reads: "model: none", key: "model",
      says: "a position sweep needs a model"),
    BadJob("no sweep", "name: a\n", at: 1, says: "the key 'sweep' is missing", "position, corpus, "),
    BadJob("empty sweep", "name: a\nsweep:\n", at: 2, key: "sweep", says: "nothing was found", "a mapping"),
    BadJob("word for a sweep", "name: a\nsweep: position\n", at: 2, key: "sweep", says: "'position'", "a mapping"),
  ]

  static let sweeps: [BadJob] = [
    .position(
      "no kind", line: 3, reads: "", at: 2, key: "sweep", says: "'kind' is missing", "position, corpus, "),
    .position(
      "unknown kind", line: 3, reads: "  kind: positon", key: "sweep.kind",
      says: "'positon'", "position, corpus, ", "Did you mean 'position'?"),
    .null("unknown kind without a model", line: 4, reads: "  kind: nul-probe", key: "sweep.kind", says: "'null-probe'"),
    .position("list for a kind", line: 3, reads: "  kind: [position]", key: "sweep.kind", says: "a list was found"),
    .position(
      "unknown key", line: 7, reads: "  length: 5\n  filler: [the]", at: 8, key: "sweep.filler",
      says: "unknown key 'filler'", "Did you mean 'fillers'?"),
    .position("no language", line: 4, reads: "", at: 2, key: "sweep", says: "'language' is missing", "eng_Latn"),
    .position("no tokens", line: 5, reads: "", at: 2, key: "sweep", says: "'tokens' is missing", "[dog, cat]"),
    .position("no fillers", line: 6, reads: "", at: 2, key: "sweep", says: "'fillers' is missing", "[_, the]"),
    .position(
      "mistyped language", line: 4, reads: "  language: eng_Latin", key: "sweep.language",
      says: "no language 'eng_Latin'", "Did you mean 'eng_Latn'?"),
    .position(
      "unknown language", line: 4, reads: "  language: deu", key: "sweep.language",
      says: "'deu'", "it has eng_Latn, spa_Latn, fra_Latn"),
    .position(
      "list for a language", line: 4, reads: "  language: [eng_Latn]", key: "sweep.language", says: "a list was found"),
    .null("no units", line: 5, reads: "  units: 0", key: "sweep.units", says: "0 is outside 1 to 1000000000000"),
    .null(
      "too many units", line: 5, reads: "  units: 1000000000001", key: "sweep.units",
      says: "1000000000001 is outside 1 to 1000000000000"),
    .null("units not given", line: 5, reads: "", at: 3, key: "sweep", says: "'units' is missing", "how many units"),
    .null("no dimension", line: 6, reads: "  dim: 0", key: "sweep.dim", says: "0 is outside 1 to 65536"),
    .null(
      "decode where nothing can be", line: 6, reads: "decode:\n  languages: [eng_Latn]", key: "decode",
      says: "a null-probe sweep has nothing to decode"),
  ]

  static let lengths: [BadJob] = [
    .position("zero length", line: 7, reads: "  length: 0", key: "sweep.length", says: "0 is outside 1 to 512"),
    .position(
      "longer than the model reads", line: 7, reads: "  length: 513", key: "sweep.length", says: "513 is outside"),
    .position(
      "word", line: 7, reads: "  length: five", key: "sweep.length", says: "'five'", "a whole number from 1 to 512"),
    .position("fraction", line: 7, reads: "  length: 5.0", key: "sweep.length", says: "'5.0'", "a whole number"),
    .position("quoted number", line: 7, reads: "  length: '5'", key: "sweep.length", says: "'5'", "a whole number"),
    .position(
      "beyond 64 bits", line: 7, reads: "  length: 99999999999999999999", key: "sweep.length", says: "a whole number"),
    .position("octal, not 10", line: 7, reads: "  length: 010", key: "sweep.length", says: "'010'", "a whole number"),
    .position(
      "base 60, not a time", line: 7, reads: "  length: 1:30", key: "sweep.length", says: "'1:30'", "a whole number"),
    .position("nothing", line: 7, reads: "  length:", key: "sweep.length", says: "nothing was found", "a whole number"),
    .position(
      "length and lengths", line: 7, reads: "  length: 5\n  lengths: [3]", at: 8, key: "sweep.lengths",
      says: "'length'", "one of the two"),
    .position("neither length", line: 7, reads: "", at: 2, key: "sweep", says: "'length'", "'lengths'"),
    .position(
      "number for lengths", line: 7, reads: "  lengths: 5", key: "sweep.lengths", says: "'5' was found", "a list"),
    .position("no lengths", line: 7, reads: "  lengths: []", key: "sweep.lengths", says: "the list is empty"),
    .position(
      "bad entry of lengths", line: 7, reads: "  lengths: [5, 900]", key: "sweep.lengths[1]", says: "900 is outside"),
    .position(
      "length twice", line: 7, reads: "  lengths: [5, 3, 5]", key: "sweep.lengths[2]",
      says: "'5' stands there already", "entry 0"),
    .position(
      "position out of range", line: 7, reads: "  length: 5\n  positions: [0, 5]", at: 8, key: "sweep.positions[1]",
      says: "5 is outside 0 to 4"),
    .position(
      "negative position", line: 7, reads: "  length: 5\n  positions: [-1]", at: 8, key: "sweep.positions[0]",
      says: "-1 is outside 0 to 4"),
    .position(
      "position twice", line: 7, reads: "  length: 5\n  positions: [1, 1]", at: 8, key: "sweep.positions[1]",
      says: "'1' stands there already", "entry 0"),
    .position(
      "number for positions", line: 7, reads: "  length: 5\n  positions: 3", at: 8, key: "sweep.positions",
      says: "'3'", "all", "a list"),
    .position(
      "positions not given", line: 7, reads: "  length: 5\n  positions:", at: 8, key: "sweep.positions",
      says: "nothing was found", "all", "a list"),
    .position(
      "no positions", line: 7, reads: "  length: 5\n  positions: []", at: 8, key: "sweep.positions",
      says: "the list is empty"),
  ]

  static let decodes: [BadJob] = [
    .position(
      "unknown key", line: 10, reads: "  beamsize: 3", key: "decode.beamsize", says: "Did you mean 'beam_size'?"),
    .position("no languages", line: 9, reads: "  method: greedy", at: 8, key: "decode", says: "'languages' is missing"),
    .position("nothing", line: 9, reads: "", at: 8, key: "decode", says: "nothing was found", "a mapping"),
    .position("word for a list", line: 9, reads: "  languages: eng_Latn", key: "decode.languages", says: "[a, b]"),
    .position(
      "language twice", line: 9, reads: "  languages: [eng_Latn, eng_Latn]", key: "decode.languages[1]",
      says: "'eng_Latn' stands there already"),
    .position(
      "unknown language", line: 9, reads: "  languages: [eng_Latn, spa_Latin]", key: "decode.languages[1]",
      says: "Did you mean 'spa_Latn'?"),
    .position(
      "unknown method", line: 10, reads: "  method: beem", key: "decode.method", says: "greedy, beam", "mean 'beam'?"),
    .position(
      "beam of a greedy search", line: 10, reads: "  beam_size: 3", key: "decode.beam_size", says: "method: beam"),
    .position(
      "beam too wide", line: 10, reads: "  method: beam\n  beam_size: 65", at: 11, key: "decode.beam_size",
      says: "65 is outside 1 to 64"),
    .position(
      "more tokens than the model writes", line: 10, reads: "  max_tokens: 511", key: "decode.max_tokens",
      says: "511 is outside 1 to 510"),
    .position(
      "sampling's key without sampling", line: 10, reads: "  top_k: 3", key: "decode.top_k", says: "method: sample"),
    .position(
      "beam of sampling", line: 10, reads: "  method: sample\n  beam_size: 3", at: 11, key: "decode.beam_size",
      says: "sampling has no beam"),
    .position(
      "temperature of zero", line: 10, reads: "  method: sample\n  temperature: 0", at: 11, key: "decode.temperature",
      says: "from 0.01 to 100"),
    .position(
      "probability above one", line: 10, reads: "  method: sample\n  top_p: 1.5", at: 11, key: "decode.top_p",
      says: "to 1"),
    .position(
      "more tokens than there are", line: 10, reads: "  method: sample\n  top_k: 6000", at: 11, key: "decode.top_k",
      says: "6000 is outside 1 to 5200"),
    .position(
      "seed that is no number", line: 10, reads: "  method: sample\n  seed: x", at: 11, key: "decode.seed",
      says: "'x' was found", "whole number"),
    .position("no tokens", line: 10, reads: "  max_tokens: 0", key: "decode.max_tokens", says: "0 is outside 1 to 510"),
  ]
}
