import SonarModel

/// The values of an axis of tokens: words, ids, or a range of ids held as two numbers.
///
/// In YAML: `[dog, cat]`, `{pieces: [dog, ▁cat]}`, `{ids: [75, 80]}` or `{ids: {from: 4, to: 5196}}` (both included).
struct TokenList: Hashable, Sendable, Codable {
  private enum Values: Hashable, Sendable {
    case names([TokenName])
    case range(from: Int, to: Int)
  }

  private enum CodingKeys: CodingKey { case from, to }

  private let values: Values

  /// The tokens of a range of ids; nil where it is empty.
  init?(_ ids: Range<Int>) {
    guard let last = ids.last else { return nil }
    values = .range(from: ids.lowerBound, to: last)
  }

  init?(_ value: YAMLValue, in context: JobContext) {
    if value.isMapping {
      guard let values = value.mapping({ Self.explicit($0, in: context) }) else { return nil }
      self.values = values
    } else {
      guard let names = Self.words(value, in: context) else { return nil }
      values = .names(names)
    }
  }

  /// In JSON an array of words and ids, or `{"from": id, "to": id}`.
  init(from decoder: any Decoder) throws {
    if let container = try? decoder.container(keyedBy: CodingKeys.self) {
      let (from, to) = (try container.decode(Int.self, forKey: .from), try container.decode(Int.self, forKey: .to))
      guard 0 <= from, from <= to, to <= Int(UInt32.max) else {
        throw SweepError("ids from \(from) to \(to) are no range of token ids")
      }
      values = .range(from: from, to: to)
    } else {
      values = .names(try decoder.singleValueContainer().decode([TokenName].self))
    }
  }

  func encode(to encoder: any Encoder) throws {
    switch values {
    case .names(let names):
      var container = encoder.singleValueContainer()
      try container.encode(names)
    case .range(let from, let to):
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(from, forKey: .from)
      try container.encode(to, forKey: .to)
    }
  }

  var count: Int {
    switch values {
    case .names(let names): names.count
    case .range(let from, let to): to - from + 1
    }
  }

  subscript(index: Int) -> TokenName {
    switch values {
    case .names(let names): names[index]
    case .range(let from, _): .id(TokenID(from + index))
    }
  }

  func axis(_ name: String) -> Axis {
    switch values {
    case .names(let names):
      // Ids label their axis with numbers, however they are given.
      let ids = names.compactMap { if case .id(let id) = $0 { id.index } else { nil } }
      return Axis(name, ids.count == names.count ? .integers(ids) : .strings(names.map(\.label)))
    case .range(let from, _):
      return Axis(name, .range(start: from, count: count))
    }
  }

  private static func explicit(_ mapping: YAMLMapping, in context: JobContext) -> Values? {
    switch (mapping.optional("pieces"), mapping.optional("ids")) {
    case (let pieces?, nil): return words(pieces, in: context).map { .names($0) }
    case (nil, let ids?) where ids.isMapping: return ids.mapping { range($0, in: context) }
    case (nil, let ids?):
      return ids.distinctList { $0.integer(in: 0...context.lastTokenID) }.map { .names($0.map { .id(TokenID($0)) }) }
    default:
      mapping.report("tokens are given by 'pieces' or by 'ids', one of the two")
      return nil
    }
  }

  private static func range(_ mapping: YAMLMapping, in context: JobContext) -> Values? {
    let from = mapping.required("from", "the first id")?.integer(in: 0...context.lastTokenID)
    let to = mapping.required("to", "the last id, included")?.integer(in: 0...context.lastTokenID)
    guard let from, let to else { return nil }
    guard from <= to else {
      mapping.report("from \(from) is above to \(to)")
      return nil
    }
    return .range(from: from, to: to)
  }

  private static func words(_ value: YAMLValue, in context: JobContext) -> [TokenName]? {
    // Two spellings of one token are the same value: `dog` and `▁dog`.
    let identity = { (name: TokenName) -> AnyHashable in
      guard let tokenizer = context.tokenizer, let id = try? name.id(in: tokenizer) else { return name }
      return id
    }
    return value.distinctList(identity: identity) { item in
      guard let word = item.word() else { return nil }
      do {
        _ = try context.tokenizer?.token(ofWord: word)
        return TokenName.word(word)
      } catch {
        item.report("\(error); use a word that is one token or a ▁piece, or {ids: [...]} in place of the whole list")
        return nil
      }
    }
  }
}

extension Array {
  /// Transforms every element, so that all mistakes are reported; nil if any failed.
  func compactMapAll<Result>(_ transform: (Element) -> Result?) -> [Result]? {
    let results = map(transform)
    let good = results.compactMap { $0 }
    return good.count == count ? good : nil
  }
}
