import SonarModel
import SweepSpec
import Testing

@Suite("expression: any linear combination, over axes of the user's own")
struct ExpressionSweepTests {
  private static let keys = """
    kind: expression
    language: eng_Latn
    form: pieces
    axes: {word: [dog], new: [cat, car], alpha: {from: 0, to: 1, step: 0.5}}
    expression: E("{word} _ _") + alpha * (E("{new}") - E("{word}"))
    expect: "{new} _ _"
    """

  @Test("axes stand in the order of the file, and their values go into texts and factors")
  func good() throws {
    let sweep = try SweepText.load(Self.keys)
    #expect(
      sweep.axes == [
        Axis("word", .strings(["dog"])), Axis("new", .strings(["cat", "car"])), Axis("alpha", .numbers([0, 0.5, 1])),
      ])
    #expect(
      try SweepText.units(sweep).prefix(3) == [
        "word=dog new=cat alpha=0: eng(dog _ _) + 0.0 eng(cat) + 0.0 eng(dog) => eng(cat _ _)",
        "word=dog new=cat alpha=0.5: eng(dog _ _) + 0.5 eng(cat) - 0.5 eng(dog) => eng(cat _ _)",
        "word=dog new=cat alpha=1: eng(dog _ _) + eng(cat) - eng(dog) => eng(cat _ _)",
      ])
  }

  @Test(
    "arithmetic",
    arguments: [
      ("E('a')", "eng('a')"), ("-E('a')", "-eng('a')"), ("--E('a')", "eng('a')"),
      ("2 * E('a')", "2.0 eng('a')"), ("E('a') / 4", "0.25 eng('a')"), ("E('a') * 2 * 3", "6.0 eng('a')"),
      ("n * E('a') / (n + 1)", "0.75 eng('a')"), ("(1 - n / 4) * E('a')", "0.25 eng('a')"),
      ("E('a') - (E('b') - E('c'))", "eng('a') - eng('b') + eng('c')"),
      ("2 * (E('a') + n * E('b')) - E('c')", "2.0 eng('a') + 6.0 eng('b') - eng('c')"),
      ("1e-1*E(\"it's\")", "0.1 eng('it's')"), ("E('a', spa_Latn)", "spa('a')"), ("E('a', tongue)", "fra('a')"),
      ("E('{w} and {w*n}s, {n}')", "eng('dog and dog dog dogs, 3')"), ("E('x{w*(n - 3)}')", "eng('x')"),
    ])
  func arithmetic(_ expression: String, _ expected: String) throws {
    let sweep = try SweepText.load(Self.text(expression))
    #expect(try SweepText.text(#require(sweep.probe(of: 0))) == "\(expected) => ?")
  }

  @Test("a count that is no whole number of 0 or more is a combination that does not exist")
  func counts() throws {
    let keys = """
      kind: expression
      language: eng_Latn
      form: pieces
      axes: {length: [2, 4], position: {from: 0, to: 3}, filler: {ids: [75]}}
      expression: E("{filler*position} dog {filler*(length - 1 - position)}")
      """
    let sweep = try SweepText.load(keys)
    let existing = (0..<sweep.unitCount).filter { sweep.probe(of: $0) != nil }.map(sweep.label)
    #expect(existing.count == 2 + 4)
    #expect(existing.first == "length=2 position=0 filler=75")
    let third = try #require((0..<sweep.unitCount).first { sweep.label(of: $0) == "length=4 position=2 filler=75" })
    let filler = TokenName.id(TokenID(75))
    #expect(try GoodJobTests.content(sweep.probe(of: third)) == [filler, filler, .word("dog"), filler])
  }

  @Test("languages may be an axis; success counts under the language of the unit")
  func languages() throws {
    let keys = """
      kind: expression
      language: tongue
      axes: {tongue: [eng_Latn, spa_Latn]}
      expression: E("no")
      expect: "no"
      """
    let sweep = try SweepText.load(keys, decode: "[spa_Latn]")
    #expect(
      try SweepText.units(sweep) == ["tongue=eng_Latn: eng('no') => ?", "tongue=spa_Latn: spa('no') => spa('no')"])
  }

  @Test("noise by axes")
  func noise() throws {
    let keys = Self.text("E('a')").replacing("n: [3]", with: "n: [3], s: [0, 0.5]") + "\nnoise: {scale: s, seed: n}"
    let sweep = try SweepText.load(keys)
    #expect(sweep.probe(of: 0)?.noise == nil)
    #expect(sweep.probe(of: 1)?.noise == Noise(scale: 0.5, seed: 3))
  }

  @Test("texts of a file")
  func file() throws {
    let keys = Self.text("E('{t}')").replacing("n: [3]", with: "n: [3], t: {file: pairs.tsv, column: spa_Latn}")
    let sweep = try SweepText.load(keys, files: ["pairs.tsv": BadJob.pairs])
    #expect(sweep.axes[1] == Axis("t", .strings(["niño", "casa"])))
    #expect(sweep.probe(of: 1)?.terms.first?.source == .sequence(TokenSequence(language: "eng_Latn", .text("casa"))))
  }

  @Test("vectors and rows of tables")
  func vectors() throws {
    var job = WireJob()
    let vectors = [job.vector("up", [1, 2]), job.vector("shift", [1, 2, 3, 4], rows: ["0", "5"])]
    func sweep(_ expression: String) throws -> Sweep {
      try job.sweep(
        "expression",
        """
        {"axes": [{"name": "p", "values": {"integers": {"_0": [0, 5]}}}],
         "text": {"language": "eng_Latn", "form": "text", "expression": "\(expression)"},
         "vectors": [\(vectors.joined(separator: ","))]}
        """)
    }
    #expect(
      try SweepText.units(sweep("E('a') + 0.5 * up + shift[p] - shift['0']")) == [
        "p=0: eng('a') + 0.5 <up> + <shift[0]> - <shift[0]> => ?",
        "p=5: eng('a') + 0.5 <up> + <shift[5]> - <shift[0]> => ?",
      ])
    for (expression, says) in [
      ("up * up", "column 4: two vectors cannot be multiplied"), ("up[p]", "column 3: '['"),
      ("shift", "column 1: 'shift' is a table"), ("shift[3]", "column 7: 'shift' has no row '3'"),
      ("E('a') + down", "column 10: 'down' is neither an axis nor a vector"),
    ] {
      let error = try #require(throws: SweepError.self) { try sweep(expression) }
      #expect(error.description.contains(says))
    }
  }

  @Test(
    "a mistake in the expression is told with its column",
    arguments: [
      ("E('a'", "column 6: the end was found; ')' is needed"), ("E(a)", "column 3: 'a' was found; a quoted text"),
      ("E('a", "column 3: the text that starts here has no closing '"),
      ("'a'", "column 1: a text is encoded as E('a')"),
      ("E('a') E('b')", "column 8: 'E' was found; + - * / or the end"), ("E('a') ++ E('b')", "column 9: '+' was found"),
      ("2 + E('a')", "column 3: a number and a vector cannot be added"),
      ("1 + n", "column 1: the expression is a number"),
      ("E('a') * E('b')", "column 8: two vectors"), ("2 / E('a')", "column 3: nothing can be divided by a vector"),
      ("E('a') / (1 - 1)", "column 8: division by 0"), ("w * E('a')", "column 1: 'w' is no axis of numbers"),
      ("m * E('a')", "column 1: 'm' is neither an axis nor a vector"), ("E('{v}')", "column 5: there is no axis 'v'"),
      ("E('a {w')", "column 6: the '{' here is not closed"), ("E('a} b')", "column 5: '}' closes nothing"),
      ("E('{w*}')", "column 7: the end was found"), ("E('{w*q}')", "column 7: 'q' is neither"),
      ("E('{w*up}')", "column 7: 'up' is neither"),
      ("E('a', deu)", "column 8: 'deu' is neither an axis nor a language"),
      ("E('a') & 1", "column 8: '&' has no meaning here"), ("1.2.3 * E('a')", "column 1: '1.2.3' is not a number"),
      (String(repeating: "(", count: 60) + "n" + String(repeating: ")", count: 60), "nested more than 50 deep"),
      ("E('\(String(repeating: "a", count: 2000))')", "longer than 2000 characters"),
    ])
  func mistakes(_ expression: String, _ says: String) throws {
    try BadJob.keys("mistake", Self.text(expression), at: 4, key: "expression", says: says).check()
  }

  @Test(
    "other mistakes",
    arguments: [
      BadJob.keys(
        "piece", keys.replacing("_ _\") +", with: "_ speaker\") +"), at: 5, key: "expression",
        says: "column 13: 'speaker' is 2 pieces"),
      .keys(
        "value of an axis", keys.replacing("[cat, car]", with: "[cat, speaker]"), at: 4, key: "axes.new",
        says: "'speaker' is 2 pieces"),
      .keys(
        "joined pieces", keys.replacing("expect: \"{new} ", with: "expect: \"{new}s "), at: 6, key: "expect",
        says: "column 1", "separated by spaces"),
      .keys("reserved", keys.replacing("alpha", with: "dim"), at: 4, key: "axes.dim", says: "meaning of its own"),
      .keys("name", keys.replacing("alpha:", with: "al-pha:"), at: 4, key: "axes.al-pha", says: "no name for an axis"),
      .keys(
        "same name", keys.replacing("alpha: {", with: "WORD: [a], alpha: {"), at: 4, key: "axes.WORD",
        says: "in other letters"),
      .keys("empty", keys.replacing("[cat, car]", with: "[]"), at: 4, key: "axes.new", says: "the list is empty"),
      .keys(
        "no axes", "kind: expression\nlanguage: eng_Latn\naxes: {}\nexpression: E('a')", at: 3, key: "axes",
        says: "empty"),
      .keys(
        "language", keys.replacing("eng_Latn", with: "deu_Latn"), at: 2, key: "language",
        says: "'deu_Latn' is neither an axis nor a language", "eng_Latn"),
      .keys(
        "axis of languages", keys.replacing("language: eng_Latn", with: "language: new"), at: 4, key: "axes.new",
        says: "no language 'cat'"),
      .keys("noise", keys + "\nnoise: {scale: -1}", at: 7, key: "noise", says: "scale: '-1' was found", "0 or more"),
      .keys("seed", keys + "\nnoise: {scale: 1, seed: alpha}", at: 7, key: "noise", says: "seed: 'alpha'", "whole"),
      .keys("words for noise", keys + "\nnoise: {scale: word}", at: 7, key: "noise", says: "no axis of numbers"),
    ])
  func bad(_ bad: BadJob) throws { try bad.check() }

  @Test("a sweep of 10^15 units is checked at once")
  func huge() throws {
    let keys = """
      kind: expression
      language: eng_Latn
      axes: {a: {from: 1, to: 100000}, b: {from: 1, to: 100000}, c: {from: 1, to: 100000}}
      expression: a * b / c * E("dog")
      """
    let sweep = try SweepText.load(keys)
    #expect(sweep.unitCount == 1_000_000_000_000_000)
    #expect(sweep.probe(of: sweep.unitCount - 1)?.terms.first?.weight == 100_000)
  }

  /// An expression of texts, with an axis of each kind.
  private static func text(_ expression: String) -> String {
    """
    kind: expression
    language: eng_Latn
    axes: {n: [3], w: [dog], tongue: [fra_Latn]}
    expression: \(quoted(expression))
    """
  }

  /// As a YAML scalar.
  private static func quoted(_ text: String) -> String { "'\(text.replacing("'", with: "''"))'" }
}
