import Yams

/// A YAML value that knows its place in the file. Readers return nil after reporting what is wrong.
public struct YAMLValue {
  let node: Node
  public let key: String
  let diagnostics: Diagnostics

  /// Reports a mistake at this value's line and key.
  public func report(_ message: String) {
    diagnostics.report(line: node.mark?.line ?? 0, key: key, message)
  }

  /// A mapping, whose unread keys are reported when `body` ends.
  public func mapping<Result>(_ body: (YAMLMapping) throws -> Result?) rethrows -> Result? {
    guard case .mapping(let pairs) = node else {
      report("\(found) was found; a mapping (key: value) is needed")
      return nil
    }
    let mapping = YAMLMapping(pairs, of: self)
    let result = try body(mapping)
    return mapping.reportUnread() ? result : nil
  }

  /// The value of a mapping's key, without counting it as read.
  func value(of name: String) -> YAMLValue? {
    guard case .mapping(let pairs) = node else { return nil }
    return YAMLMapping(pairs, of: self).optional(name)
  }

  /// The keys and values of a mapping whose keys are the user's own, in the order of the file.
  public func entries() -> [(key: String, value: YAMLValue)]? {
    guard case .mapping(let pairs) = node, !pairs.isEmpty else {
      report("\(isMapping ? "an empty mapping" : found) was found; a mapping (name: values) is needed")
      return nil
    }
    let mapping = YAMLMapping(pairs, of: self)
    return pairs.compactMap { pair in
      let key = pair.key.string ?? "?"
      return mapping.optional(key).map { (key, $0) }
    }
  }

  /// Reads a scalar as if it were a mapping without keys, whose mistakes are this value's.
  func emptyMapping<Result>(_ body: (YAMLMapping) -> Result?) -> Result? {
    body(YAMLMapping(Node.Mapping([]), of: self))
  }

  var isEmptyList: Bool { if case .sequence(let items) = node { items.isEmpty } else { false } }

  /// The entries of a list that has at least one.
  public func list() -> [YAMLValue]? {
    guard case .sequence(let items) = node else {
      report("\(found) was found; a list is needed, as [a, b]")
      return nil
    }
    guard !items.isEmpty else {
      report("the list is empty; it needs at least one entry")
      return nil
    }
    return items.enumerated().map { YAMLValue(node: $1, key: "\(key)[\($0)]", diagnostics: diagnostics) }
  }

  /// A list in which every value stands once, as on an axis.
  ///
  /// - Parameter identity: what makes two values the same; the value itself where it says nothing else.
  public func distinctList<Value: Hashable>(
    identity: (Value) -> AnyHashable = { $0 }, _ read: (YAMLValue) -> Value?
  ) -> [Value]? {
    var places: [AnyHashable: Int] = [:]
    return list()?.enumerated().map { ($0, $1) }.compactMapAll { place, item in
      guard let value = read(item) else { return nil }
      if let first = places[identity(value)] {
        item.report("'\(item.text)' stands there already, as entry \(first); each value stands there once")
        return nil
      }
      places[identity(value)] = place
      return value
    }
  }

  /// A string. Numbers, booleans and null must be quoted to be one.
  public func string() -> String? {
    guard case .scalar(let scalar) = node, node.tag == Tag(.str) || scalar.style != .plain else {
      let hint = isScalar && !text.isEmpty ? " (quote it to make it one)" : ""
      report("\(found) was found; a text is needed\(hint)")
      return nil
    }
    return scalar.string
  }

  /// The scalar as it is written, whatever YAML would make of it: `no` and `1` are words here.
  public func word() -> String? {
    guard case .scalar(let scalar) = node, !scalar.string.isEmpty else {
      report("\(found) was found; a word is needed")
      return nil
    }
    return scalar.string
  }

  /// A whole number within `range`, written in plain decimal.
  public func integer(in range: ClosedRange<Int>) -> Int? {
    // Plain decimal only: YAML 1.1 would read 010 as 8 and 1:30 as 90.
    guard case .scalar(let scalar) = node, scalar.style == .plain, let value = Int(scalar.string),
      String(value) == scalar.string
    else {
      report("\(found) was found; a whole number from \(range.lowerBound) to \(range.upperBound) is needed")
      return nil
    }
    guard range.contains(value) else {
      report("\(value) is outside \(range.lowerBound) to \(range.upperBound)")
      return nil
    }
    return value
  }

  /// A finite number within `range`, written in decimal.
  public func number(in range: ClosedRange<Double>) -> Double? {
    let needed = "a number from \(Self.text(range.lowerBound)) to \(Self.text(range.upperBound)) is needed"
    guard let value = plainNumber else {
      report("\(found) was found; \(needed)")
      return nil
    }
    guard range.contains(value) else {
      report("\(text) was found; \(needed)")
      return nil
    }
    return value
  }

  /// The finite number that an unquoted scalar is; nil, and nothing reported, where it is none.
  var plainNumber: Double? {
    // Double reads hexadecimal and infinity too.
    guard case .scalar(let scalar) = node, scalar.style == .plain,
      scalar.string.allSatisfy({ $0.isASCII && ($0.isNumber || "+-.eE".contains($0)) }),
      let value = Double(scalar.string), value.isFinite
    else { return nil }
    return value
  }

  private static func text(_ number: Double) -> String {
    number == number.rounded() && abs(number) < 1e15 ? String(Int(number)) : String(number)
  }

  public func boolean() -> Bool? {
    guard isScalar, let value = node.bool, node.tag == Tag(.bool) else {
      report("\(found) was found; true or false is needed")
      return nil
    }
    return value
  }

  /// A truth value, `yes` and `no` among its spellings.
  func truth() -> Bool? {
    choice(["yes", "no", "true", "false"]).map { ["yes", "true"].contains($0) }
  }

  /// One of a few words.
  public func choice(_ choices: [String]) -> String? {
    guard let word = word() else { return nil }
    guard choices.contains(word) else {
      report(
        "'\(word)' is not known; it can be \(choices.joined(separator: ", "))\(Suggestion.text(for: word, among: choices))"
      )
      return nil
    }
    return word
  }

  /// A scalar as it is written.
  var text: String { if case .scalar(let scalar) = node { scalar.string } else { "" } }

  public var isScalar: Bool { if case .scalar = node { true } else { false } }
  public var isMapping: Bool { if case .mapping = node { true } else { false } }

  /// What stands in the file, in words.
  var found: String {
    switch node {
    case .scalar(let scalar) where scalar.string.isEmpty || node.tag == Tag(.null): "nothing"
    case .scalar(let scalar): "'\(scalar.string)'"
    case .sequence: "a list"
    case .mapping: "a mapping"
    case .alias: "an alias"
    }
  }
}
