import Yams

/// A YAML mapping that remembers which keys were read, so that the others can be reported as unknown.
public final class YAMLMapping {
  private let owner: YAMLValue
  private let values: [String: YAMLValue]
  private var known: Set<String> = []

  init(_ pairs: Node.Mapping, of owner: YAMLValue) {
    self.owner = owner
    var values: [String: YAMLValue] = [:]
    for (key, value) in pairs {
      let name = key.string ?? "?"
      let path = owner.key.isEmpty ? name : "\(owner.key).\(name)"
      // Yams marks a block value where it starts, which may be a line below its key; a user looks for the key.
      let placed = value.isCollection ? Node(value, mark: key.mark) : value
      values[name] = YAMLValue(node: placed, key: path, diagnostics: owner.diagnostics)
    }
    self.values = values
  }

  /// The value of a key, nil where it is not there; either way the key counts as known.
  public func optional(_ key: String) -> YAMLValue? {
    known.insert(key)
    return values[key]
  }

  /// The value of a key; reports it missing, with what it means, where it is not there.
  public func required(_ key: String, _ meaning: String) -> YAMLValue? {
    if let value = optional(key) { return value }
    owner.report("the key '\(key)' is missing: \(meaning)")
    return nil
  }

  public func report(_ message: String) { owner.report(message) }

  /// Says nothing of unread keys: what they should be cannot be known.
  public func ignoreUnread() { known.formUnion(values.keys) }

  /// Reports keys nobody asked for; true where there are none.
  func reportUnread() -> Bool {
    let unread = values.filter { !known.contains($0.key) }.sorted { $0.key < $1.key }
    for (key, value) in unread {
      let suggestion = Suggestion.text(for: key, among: known.sorted())
      value.report("unknown key '\(key)'; known here: \(known.sorted().joined(separator: ", "))\(suggestion)")
    }
    return unread.isEmpty
  }
}

extension Node {
  fileprivate var isCollection: Bool {
    switch self {
    case .mapping, .sequence: true
    case .scalar, .alias: false
    }
  }

  /// The same collection, placed at another mark.
  fileprivate init(_ node: Node, mark: Mark?) {
    switch node {
    case .mapping(var mapping):
      mapping.mark = mark
      self = .mapping(mapping)
    case .sequence(var sequence):
      sequence.mark = mark
      self = .sequence(sequence)
    default: self = node
    }
  }
}
