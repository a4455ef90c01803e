/// What an expression is once it is read: weighted sources, all of which may depend on a unit's coordinates.
struct LinearCombination: Sendable {
  struct Term: Sendable {
    let weight: Scalar
    let source: Source
  }

  enum Source: Sendable {
    case sequence(SequenceTemplate, TermLanguage)
    case vector(String)
    /// A row of a table of vectors.
    case row(String, RowLabel)
  }

  /// Which row of a table.
  enum RowLabel: Sendable {
    case fixed(String)
    /// The one named as an axis's value is, by the axis's place.
    case axis(Int)
  }

  let terms: [Term]

  func scaled(_ map: (Scalar) -> Scalar) -> LinearCombination {
    LinearCombination(terms: terms.map { Term(weight: map($0.weight), source: $0.source) })
  }

  var templates: [SequenceTemplate] {
    terms.compactMap { if case .sequence(let template, _) = $0.source { template } else { nil } }
  }

  /// The axes whose values must be languages.
  var languageAxes: [Int] {
    terms.compactMap { if case .sequence(_, .axis(let axis)) = $0.source { axis } else { nil } }
  }

  /// The vectors and tables it uses.
  var vectorNames: Set<String> {
    Set(
      terms.compactMap { term in
        switch term.source {
        case .sequence: nil
        case .vector(let name), .row(let name, _): name
        }
      })
  }
}
