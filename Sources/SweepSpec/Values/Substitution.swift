import SonarModel

/// One token for another, everywhere in a sentence or at one position.
struct Substitution: Hashable, Sendable, Codable {
  /// A list of substitutions that does not go with the sentences.
  struct Misfit: Error {
    let message: String
  }

  /// `dog>cat`, `dog>cat@3`, or `>cat@3` whatever stands there.
  let label: String
  /// Whatever stands at the position, where nil.
  let old: TokenID?
  let new: TokenID
  private let oldLabel: String
  private let newLabel: String
  /// 0 is the first content token; everywhere where nil.
  let position: Int?
  private let grammatical: Bool?

  /// Reads `{old: dog, new: cat, position: 3, grammatical: yes}`, one substitution per position.
  static func read(_ value: YAMLValue, in context: JobContext) -> [Substitution]? {
    value.mapping { mapping in
      let oldValue = mapping.optional("old")
      let old = oldValue.flatMap(context.token)
      let new = mapping.required("new", "the token to write").flatMap(context.token)
      let positionValue = mapping.optional("position")
      let positions = positionValue.map { Self.positions($0, limit: context.maxContentTokens) } ?? [nil]
      let grammaticalValue = mapping.optional("grammatical")
      let grammatical = grammaticalValue?.truth()
      guard let new, let positions, (old == nil) == (oldValue == nil),
        (grammatical == nil) == (grammaticalValue == nil)
      else { return nil }
      guard old != nil || !positions.contains(nil) else {
        mapping.report("the key 'old' is missing: the token to change everywhere; or give a 'position'")
        return nil
      }
      return positions.map { position in
        Substitution(
          label: "\(old?.label ?? "")>\(new.label)" + (position.map { "@\($0)" } ?? ""), old: old?.id, new: new.id,
          oldLabel: old?.label ?? "any", newLabel: new.label, position: position, grammatical: grammatical)
      }
    }
  }

  /// `everywhere`, a position or a list of positions.
  private static func positions(_ value: YAMLValue, limit: Int) -> [Int?]? {
    if value.isScalar {
      if value.text == "everywhere" { return [nil] }
      guard let position = Int(value.text), (0..<limit).contains(position) else {
        value.report("\(value.found) was found; 'everywhere' or a position from 0 to \(limit - 1) is needed")
        return nil
      }
      return [position]
    }
    return value.distinctList { $0.integer(in: 0...limit - 1) }
  }

  /// The token that goes, and what becomes of a sentence's ids; nil where it is not there.
  func replaced(in ids: [TokenID]) -> (old: TokenID, ids: [TokenID])? {
    guard let position else {
      guard let old, ids.contains(old) else { return nil }
      return (old, ids.map { $0 == old ? new : $0 })
    }
    guard ids.indices.contains(position), old == nil || ids[position] == old else { return nil }
    var result = ids
    result[position] = new
    return (ids[position], result)
  }

  /// The axis `substitution` with what is known of each.
  static func axis(_ list: [Substitution]) -> Axis {
    func attribute(_ name: String, _ text: (Substitution) -> String) -> Axis.Attribute {
      Axis.Attribute(name, .strings(list.map(text)))
    }
    var attributes = [
      attribute("old", \.oldLabel), attribute("new", \.newLabel),
      attribute("scope") { $0.position == nil ? "everywhere" : "position" },
      attribute("position") { $0.position.map(String.init) ?? "everywhere" },
    ]
    if list.contains(where: { $0.grammatical != nil }) {
      attributes.append(attribute("grammatical") { $0.grammatical.map { $0 ? "yes" : "no" } ?? "unknown" })
    }
    return Axis("substitution", .strings(list.map(\.label)), attributes: attributes)
  }
}
