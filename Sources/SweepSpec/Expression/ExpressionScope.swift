import SonarModel

/// What the names in an expression may mean.
struct ExpressionScope {
  let axes: [ExpressionAxis]
  let form: CorpusForm
  /// Of sequences that name none.
  let language: TermLanguage
  let vectors: [String: VectorReference]
  /// The model's; nil where there is no model to ask.
  let languages: [LanguageCode]?

  /// A language code or the name of an axis of them; nil where it is neither.
  func language(named name: String) -> TermLanguage? {
    if let axis = axes.firstIndex(where: { $0.name == name }) { return .axis(axis) }
    let code = LanguageCode(name)
    return languages?.contains(code) ?? true ? .code(code) : nil
  }
}

/// The language token a sequence stands under.
enum TermLanguage: Hashable, Sendable {
  case code(LanguageCode)
  /// An axis of language codes, by its place.
  case axis(Int)

  /// Nil where it is always the same language.
  var axis: Int? { if case .axis(let axis) = self { axis } else { nil } }

  func code(at coordinates: [Int], of axes: [ExpressionAxis]) -> LanguageCode {
    switch self {
    case .code(let code): code
    case .axis(let axis): LanguageCode(axes[axis].text(at: coordinates[axis]))
    }
  }
}
