/// Names of figures' files, unique in a report.
public struct FigureNames {
  private var taken: Set<String> = ["findings"]

  public init() {}

  /// The analysis and the figure, as `pca-pairs`; with a number where that is taken, as when an analysis is done twice.
  /// Only letters, digits and dashes are left.
  public mutating func name(analysis: String, figure: String) -> String {
    let wanted = "\(analysis)-\(figure)".map { character in
      character.isASCII && (character.isLetter || character.isNumber) ? String(character).lowercased() : "-"
    }.joined()
    let base = String(wanted.prefix(100))
    var (name, number) = (base, 2)
    while !taken.insert(name).inserted { (name, number) = ("\(base)-\(number)", number + 1) }
    return name
  }
}
