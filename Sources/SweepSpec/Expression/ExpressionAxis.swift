import SonarModel

/// An axis of the user's own.
///
/// In YAML a list of words or texts (`[dog, cat]`), whole numbers (`[1, 2]`), numbers (`[0, 0.5]`), a range (`{from: 0,
/// to: 2, step: 0.5}`), tokens (`{pieces: [...]}`, `{ids: [...]}`), or a column of a file (`{file: corpus.tsv, column:
/// eng_Latn, limit: 50}`).
struct ExpressionAxis: Hashable, Sendable, Codable {
  enum Values: Hashable, Sendable, Codable {
    case words([String])
    case tokens(TokenList)
    case integers(IntegerList)
    case numbers(NumberList)
  }

  let name: String
  let values: Values

  /// Names with a meaning in the results: dimensions, arrays and columns.
  static let reserved: Set<String> = [
    "dim", "target", "e", "unit", "status", "attempts", "worker", "seconds", "text", "token_ids", "log_probability",
    "score", "exact_match", "expected", "expected_tokens", "token_errors", "embedding", "token_state", "input_state",
  ]
  /// The most texts of a file: they are part of the job's spec.
  private static let maxTexts = 10_000

  init?(_ name: String, _ value: YAMLValue, in context: JobContext) {
    if let problem = Self.problem(of: name) { value.report(problem) }
    guard let values = Self.values(value, in: context), Self.problem(of: name) == nil else { return nil }
    (self.name, self.values) = (name, values)
  }

  /// What is wrong with a name; nil where nothing is.
  static func problem(of name: String) -> String? {
    guard let first = name.first, first.isNameStart, name.allSatisfy(\.isNamePart), name.count <= 64 else {
      return "'\(name)' is no name for an axis: letters, digits and underscores, not starting with a digit"
    }
    return reserved.contains(name.lowercased()) ? "'\(name)' has a meaning of its own; choose another name" : nil
  }

  var isNumeric: Bool {
    switch values {
    case .words, .tokens: false
    case .integers, .numbers: true
    }
  }

  var isWhole: Bool { if case .integers = values { true } else { false } }

  var count: Int {
    switch values {
    case .words(let words): words.count
    case .tokens(let tokens): tokens.count
    case .integers(let integers): integers.count
    case .numbers(let numbers): numbers.count
    }
  }

  /// The smallest number; nil where the axis has none.
  var least: Double? {
    switch values {
    case .words, .tokens: nil
    case .integers(let integers): integers.bounds.map { Double($0.lowerBound) }
    case .numbers(let numbers): numbers.least
    }
  }

  var axis: Axis {
    switch values {
    case .words(let words): Axis(name, .strings(words))
    case .tokens(let tokens): tokens.axis(name)
    case .integers(let integers): integers.axis(name)
    case .numbers(let numbers): numbers.axis(name)
    }
  }

  /// The value as a number; NaN where the axis has none.
  func number(at index: Int) -> Double {
    switch values {
    case .words, .tokens: .nan
    case .integers(let integers): Double(integers[index])
    case .numbers(let numbers): numbers[index]
    }
  }

  /// The value as tokens: several where a word has spaces.
  func tokens(at index: Int) -> [TokenName] {
    switch values {
    case .words(let words): words[index].split(separator: " ").map { .word(String($0)) }
    case .tokens(let tokens): [tokens[index]]
    case .integers, .numbers: [.word(text(at: index))]
    }
  }

  /// The value as text.
  func text(at index: Int) -> String {
    switch values {
    case .words(let words): words[index]
    case .tokens(let tokens): tokens[index].label
    case .integers(let integers): String(integers[index])
    case .numbers(let numbers): Axis.Values.numbers([numbers[index]]).label(at: 0)
    }
  }

  /// Values of an axis beyond these are not looked at before a job starts; a mistake among them fails its own units.
  private static let maxChecked = 100_000

  /// Throws what is wrong with the first value that is no token of the model.
  func checkTokens(in tokenizer: Tokenizer) throws {
    for index in 0..<min(count, Self.maxChecked) {
      for token in tokens(at: index) { _ = try token.id(in: tokenizer) }
    }
  }

  /// Throws what is wrong with the first value that is no language of the model.
  func checkLanguages(in tokenizer: Tokenizer) throws {
    for index in 0..<min(count, Self.maxChecked) { _ = try tokenizer.token(of: LanguageCode(text(at: index))) }
  }

  private static func values(_ value: YAMLValue, in context: JobContext) -> Values? {
    let integers = -(1 << 53)...(1 << 53)
    if value.isMapping {
      if value.value(of: "file") != nil { return texts(value, in: context).map { .words($0) } }
      if value.value(of: "ids") != nil || value.value(of: "pieces") != nil {
        return TokenList(value, in: context).map { .tokens($0) }
      }
      let parts = ["from", "to", "step"].compactMap { value.value(of: $0) }
      let isWhole = parts.allSatisfy { Int($0.text) != nil }
      return isWhole
        ? IntegerList(value, in: integers).map { .integers($0) } : NumberList(value).map { .numbers($0) }
    }
    guard let items = value.list() else { return nil }
    if items.allSatisfy({ $0.plainNumber.map { $0 == $0.rounded() } ?? false && Int($0.text) != nil }) {
      return IntegerList(value, in: integers).map { .integers($0) }
    }
    if items.allSatisfy({ $0.plainNumber != nil }) { return NumberList(value).map { .numbers($0) } }
    return value.distinctList { $0.word() }.map { .words($0) }
  }

  /// The texts of a file's column.
  private static func texts(_ value: YAMLValue, in context: JobContext) -> [String]? {
    guard value.value(of: "column") != nil else {
      value.report("the key 'column' is missing: which column of the file")
      return nil
    }
    guard let list = SequenceList(value, language: nil, in: context),
      let loaded = try? list.load(from: context.assets, language: "?")
    else { return nil }
    let texts = loaded.sequences.map(\.description)
    guard texts.count <= maxTexts, Set(texts).count == texts.count else {
      value.report(
        texts.count > maxTexts
          ? "\(texts.count) texts are more than \(maxTexts); set a limit"
          : "a text stands there twice, and may only once")
      return nil
    }
    return texts
  }
}
