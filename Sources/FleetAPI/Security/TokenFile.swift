import Crypto
import FleetSecurity
import Foundation

/// The tokens of a fleet's HTTP interface in a file that only its owner may read. It holds SHA-256 hashes, no token: who
/// reads it can ask for nothing.
///
/// As text: a line `NAME ROLE SHA-256` per token; lines that start with `#` are left out.
public struct TokenFile: Sendable {
  public struct Entry: Hashable, Sendable {
    public let name: String
    public let role: TokenRole
    /// Of the token's UTF-8 text.
    package let hash: [UInt8]
  }

  private static let limit = 4 << 20
  public let path: String

  public init(_ path: String) { self.path = URL(filePath: path).path }

  /// - Throws: `KeyError` where the file is missing, open to others, or not what it should be.
  public func entries() throws -> [Entry] {
    let text: String
    do {
      text = try GuardedFile.read(path, .secret, limit: Self.limit)
    } catch let error as KeyError where error.code == .missing {
      throw KeyError(.missing, "there is no file \(path); 'sonarsweep tokens add NAME --tokens \(path)' makes it")
    }
    var entries: [Entry] = []
    for (i, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
      guard let first = words.first, !first.hasPrefix("#") else { continue }
      guard words.count == 3, let role = TokenRole(rawValue: words[1]), let hash = Self.bytes(hex: words[2]) else {
        throw KeyError(
          .malformed, "\(path):\(i + 1): a line is NAME ROLE SHA-256, as sonarsweep tokens add writes it")
      }
      guard !entries.contains(where: { $0.name == first }) else {
        throw KeyError(.exists, "\(path):\(i + 1): there are two tokens '\(first)'; remove one")
      }
      entries.append(Entry(name: first, role: role, hash: hash))
    }
    return entries
  }

  /// Makes a token, which is in no file: whoever is to have it must be told now.
  ///
  /// - Throws: `KeyError` where the name is taken or cannot be one, or the file cannot be read or written.
  public func add(_ name: String, role: TokenRole) throws -> String {
    try Self.check(name)
    return try locked {
      var entries = GuardedFile.Stamp(path) == nil ? [] : try self.entries()
      guard !entries.contains(where: { $0.name == name }) else {
        throw KeyError(.exists, "there is a token '\(name)' already; revoke it first, or take another name")
      }
      let token = Self.make()
      entries.append(Entry(name: name, role: role, hash: Self.hash(of: token)))
      try write(entries)
      return token
    }
  }

  /// Takes a token out of the file.
  ///
  /// - Throws: `KeyError` where there is none of that name, or the file cannot be read or written.
  public func revoke(_ name: String) throws {
    try locked {
      var entries = try self.entries()
      guard let index = entries.firstIndex(where: { $0.name == name }) else {
        let names = entries.map(\.name).prefix(20).joined(separator: ", ")
        throw KeyError(.unknownName, "there is no token '\(name)'; there are: \(names.isEmpty ? "none" : names)")
      }
      entries.remove(at: index)
      try write(entries)
    }
  }

  package static func hash(of token: some StringProtocol) -> [UInt8] { Array(SHA256.hash(data: Data(token.utf8))) }

  /// 256 random bits in URL-safe base64, after a mark that tells people and scanners what it is.
  private static func make() -> String {
    let bytes = (0..<32).map { _ in UInt8.random(in: .min ... .max) }
    let text = Data(bytes).base64EncodedString()
    return "sonarsweep_"
      + text.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
  }

  private func write(_ entries: [Entry]) throws {
    let text =
      "# Who may use the HTTP interface: name, role, SHA-256 of the token. 'sonarsweep tokens' writes it; changes count "
      + "at once.\n"
      + entries.map { "\($0.name) \($0.role.rawValue) \(Self.hex($0.hash))\n" }.joined()
    try GuardedFile.write(text, to: path, .secret)
  }

  /// Two commands at a time would lose one's change.
  private func locked<Result>(_ body: () throws -> Result) throws -> Result {
    let directory = URL(filePath: path).deletingLastPathComponent().path
    let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw GuardedFile.system("open \(directory)") }
    defer { close(descriptor) }
    guard flock(descriptor, LOCK_EX) == 0 else { throw GuardedFile.system("lock \(directory)") }
    return try body()
  }

  private static func check(_ name: String) throws {
    let allowed = name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.@".contains($0)) }
    guard (1...64).contains(name.count), allowed, name.first?.isLetter == true || name.first?.isNumber == true else {
      throw KeyError(
        .badName,
        "'\(name)' cannot name a token: 1 to 64 letters, digits, dots, dashes, underscores and @, a letter or digit first"
      )
    }
  }

  private static func hex(_ bytes: [UInt8]) -> String { bytes.map { String(format: "%02x", $0) }.joined() }

  private static func bytes(hex: String) -> [UInt8]? {
    let digits = Array(hex.utf8)
    guard digits.count == 64 else { return nil }
    var bytes: [UInt8] = []
    for i in stride(from: 0, to: 64, by: 2) {
      guard let byte = UInt8(String(decoding: digits[i..<i + 2], as: UTF8.self), radix: 16),
        digits[i] != UInt8(ascii: "+")
      else { return nil }
      bytes.append(byte)
    }
    return bytes
  }
}
