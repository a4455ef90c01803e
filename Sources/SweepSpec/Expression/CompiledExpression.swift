import SonarModel

/// An expression ready to give probes: read once, so that a probe costs little.
struct CompiledExpression: Sendable {
  private let axes: [ExpressionAxis]
  private let language: TermLanguage
  private let combination: LinearCombination
  private let expected: SequenceTemplate?
  private let noise: (scale: Scalar, seed: Scalar)?

  /// - Parameters:
  ///   - languages: the model's; nil where they cannot be asked.
  ///   - report: told of the mistake where nil is returned.
  init?(
    _ text: ExpressionText, _ axes: [ExpressionAxis], vectors: [String: VectorReference], languages: [LanguageCode]?,
    report: (ExpressionText.Part, String) -> Void
  ) {
    let names = ExpressionScope(
      axes: axes, form: text.form, language: .code("?"), vectors: vectors, languages: languages)
    guard let language = names.language(named: text.language) else {
      let known = languages.map { "; the model has \($0.prefix(8).map(\.rawValue).joined(separator: ", "))" } ?? ""
      report(.language, "'\(text.language)' is neither an axis nor a language\(known)")
      return nil
    }
    let scope = ExpressionScope(
      axes: axes, form: text.form, language: language, vectors: vectors, languages: languages)
    var part = ExpressionText.Part.expression
    do {
      combination = try ExpressionParser.combination(text.expression, in: scope)
      part = .expect
      expected = try text.expect.map { try SequenceTemplate($0, column: 1, in: scope) }
      part = .noise
      noise = try text.noise.map { noise in
        (
          try Self.noiseValue(noise.scale, "scale", isWhole: false, in: scope),
          try Self.noiseValue(noise.seed, "seed", isWhole: true, in: scope)
        )
      }
    } catch {
      report(part, "\(error)")
      return nil
    }
    (self.axes, self.language) = (axes, language)
  }

  /// A number of 0 or more, or an axis of them.
  private static func noiseValue(
    _ text: String, _ key: String, isWhole: Bool, in scope: ExpressionScope
  ) throws -> Scalar {
    let needed = "\(isWhole ? "a whole number" : "a number") of 0 or more, or an axis of them, is needed"
    do {
      let scalar = try ExpressionParser.scalar(text, in: scope)
      let isGood =
        switch scalar {
        case .constant(let value): value >= 0 && value < 0x1p63 && (!isWhole || value == value.rounded())
        case .axis(let axis):
          scope.axes[axis].least.map { $0 >= 0 } ?? false && (!isWhole || scope.axes[axis].isWhole)
        default: false
        }
      if isGood { return scalar }
      throw SweepError("'\(text)' was found; \(needed)")
    } catch {
      throw SweepError("\(key): \(error)")
    }
  }

  var vectorNames: Set<String> { combination.vectorNames }

  /// Whether the model can express every sequence; reports what it cannot.
  func check(in context: JobContext, axes places: [YAMLValue], report: (ExpressionText.Part, String) -> Void) -> Bool {
    guard let tokenizer = context.tokenizer else { return true }
    do {
      for template in combination.templates { try template.check(in: tokenizer) }
    } catch {
      report(.expression, "\(error)")
      return false
    }
    do {
      try expected?.check(in: tokenizer)
    } catch {
      report(.expect, "\(error)")
      return false
    }
    let templates = combination.templates + (expected.map { [$0] } ?? [])
    let words = templates.reduce(into: Set<Int>()) { $0.formUnion($1.axesOfTokens) }
    let codes = Set(combination.languageAxes + (language.axis.map { [$0] } ?? []))
    var isGood = true
    for i in words.union(codes).sorted() {
      do {
        if words.contains(i) { try axes[i].checkTokens(in: tokenizer) }
        if codes.contains(i) { try axes[i].checkLanguages(in: tokenizer) }
      } catch {
        places[i].report("\(error)")
        isGood = false
      }
    }
    return isGood
  }

  /// Nil where a count in a template is not a whole number of 0 or more.
  func probe(at coordinates: [Int], vectors: LoadedVectors, decode: DecodeSpec?) -> Probe? {
    var terms: [Probe.Term] = []
    terms.reserveCapacity(combination.terms.count)
    for term in combination.terms {
      guard let source = source(term.source, at: coordinates, vectors) else { return nil }
      terms.append(.init(weight: Float(term.weight.value(at: coordinates, of: axes)), source))
    }
    var expectation: TokenSequence?
    if let expected {
      guard let content = expected.content(at: coordinates, of: axes) else { return nil }
      expectation = TokenSequence(language: language.code(at: coordinates, of: axes), content)
    }
    return Probe(terms: terms, noise: noise(at: coordinates), decode: decode, expected: expectation)
  }

  private func source(
    _ source: LinearCombination.Source, at coordinates: [Int], _ vectors: LoadedVectors
  ) -> Probe.Source? {
    switch source {
    case .sequence(let template, let language):
      guard let content = template.content(at: coordinates, of: axes) else { return nil }
      return .sequence(TokenSequence(language: language.code(at: coordinates, of: axes), content))
    case .vector(let name): return vectors.vector(name).map { .vector($0) }
    case .row(let table, .fixed(let label)): return vectors.row(label, of: table).map { .vector($0) }
    case .row(let table, .axis(let axis)):
      return vectors.row(axes[axis].text(at: coordinates[axis]), of: table).map { .vector($0) }
    }
  }

  private func noise(at coordinates: [Int]) -> Noise? {
    guard let noise else { return nil }
    let scale = Float(noise.scale.value(at: coordinates, of: axes))
    let seed = UInt64(exactly: noise.seed.value(at: coordinates, of: axes))
    return scale == 0 ? nil : seed.map { Noise(scale: scale, seed: $0) }
  }
}
