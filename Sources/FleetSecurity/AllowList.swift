import FleetProtocol
import Messaging

/// The keys that may connect to a fleet, each with a name for people and the one role it may have.
///
/// As text: a line `NAME ROLE PUBLIC-KEY` per key; lines that start with `#` are left out.
public struct AllowList: Sendable {
  public struct Entry: Hashable, Sendable {
    public let name: String
    public let role: Hello.Role
    public let key: CurvePublicKey

    public init(name: String, role: Hello.Role, key: CurvePublicKey) {
      self.name = name
      self.role = role
      self.key = key
    }
  }

  /// The fleet's own key, which is in no list.
  static let fleet = "server"

  public private(set) var entries: [Entry] = []
  private var keys: [CurvePublicKey: Entry] = [:]

  init() {}

  /// - Parameter file: for errors.
  init(parsing text: String, file: String) throws {
    for (i, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
      guard let first = words.first, !first.hasPrefix("#") else { continue }
      guard words.count == 3, let role = Hello.Role(rawValue: words[1]), let key = CurvePublicKey(rawValue: words[2])
      else {
        throw KeyError(.malformed, "\(file):\(i + 1): a line is NAME ROLE PUBLIC-KEY, as sonarsweep keys add writes it")
      }
      do {
        try add(Entry(name: first, role: role, key: key))
      } catch let error as KeyError {
        throw KeyError(error.code, "\(file):\(i + 1): \(error.description)")
      }
    }
  }

  var text: String {
    "# Who may connect: name, role, public key. 'sonarsweep keys add' and 'revoke' write it; changes count at once.\n"
      + entries.map { "\($0.name) \($0.role.rawValue) \($0.key.rawValue)\n" }.joined()
  }

  public subscript(key: CurvePublicKey) -> Entry? { keys[key] }

  mutating func add(_ entry: Entry) throws {
    try Self.check(entry.name)
    if entries.contains(where: { $0.name == entry.name }) {
      throw KeyError(.exists, "there is a key '\(entry.name)' already; revoke it first, or take another name")
    }
    if let other = keys.updateValue(entry, forKey: entry.key) {
      keys[entry.key] = other
      throw KeyError(.exists, "'\(other.name)' has this public key already")
    }
    entries.append(entry)
  }

  mutating func remove(_ name: String) throws {
    guard let index = entries.firstIndex(where: { $0.name == name }) else {
      let names = entries.map(\.name).prefix(20).joined(separator: ", ")
      throw KeyError(.unknownName, "there is no key '\(name)'; there are: \(names.isEmpty ? "none" : names)")
    }
    keys[entries.remove(at: index).key] = nil
  }

  private static func check(_ name: String) throws {
    let allowed = name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) }
    guard (1...64).contains(name.count), allowed, name.first?.isLetter == true || name.first?.isNumber == true,
      name != fleet
    else {
      throw KeyError(
        .badName,
        "'\(name)' cannot name a key: 1 to 64 letters, digits, dots, dashes and underscores, a letter or digit first; "
          + "'\(fleet)' is the fleet's own")
    }
  }
}
