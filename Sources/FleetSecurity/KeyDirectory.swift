import FleetProtocol
import Foundation
import Messaging

/// A fleet's keys: `server.key`, which coordinator and aggregator share, the list of keys that may connect, and for each
/// key that was made here a file to take to its host.
public struct KeyDirectory: Sendable {
  /// The most bytes of a list: some 100,000 keys.
  private static let listLimit = 16 << 20

  public let path: String

  public init(_ path: String) { self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path }

  private var serverPath: String { "\(path)/\(AllowList.fleet).key" }
  private var listPath: String { "\(path)/allowed" }

  /// Where the secret of a key that was made here lies.
  public func file(of name: String) -> String { "\(path)/\(name).key" }

  /// Makes the directory, the fleet's own key pair, and a list that allows nobody yet.
  ///
  /// - Throws: `KeyError` `exists` where there is a fleet's key already.
  public func create() throws {
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw KeyError(.system, "\(path) cannot be made: \(error.localizedDescription)")
    }
    try locked {
      guard GuardedFile.Stamp(serverPath) == nil else {
        throw KeyError(
          .exists,
          "\(path) holds a fleet's keys already; see them: sonarsweep keys list --keys \(path). For another "
            + "fleet, or to change the fleet's own key, make another directory")
      }
      try write(AllowList())
      // Last: with it the directory counts as made.
      let pair = try CurveKeyPair.generate()
      try KeyFile(name: AllowList.fleet, pair: pair, server: pair.publicKey).write(to: serverPath)
    }
  }

  /// Allows a key: one made here, its secret in `file(of:)`, or `publicKey`, whose secret only its maker has.
  @discardableResult
  public func add(_ name: String, role: Hello.Role, publicKey: CurvePublicKey? = nil) throws -> AllowList.Entry {
    try locked {
      let server = try server()
      var list = try allowList()
      guard publicKey != server.server else {
        throw KeyError(.exists, "this is the fleet's own key; coordinator and aggregator have it without being added")
      }
      let made = try publicKey == nil ? CurveKeyPair.generate() : nil
      guard let key = publicKey ?? made?.publicKey else { throw KeyError(.system, "no key could be made") }
      let entry = AllowList.Entry(name: name, role: role, key: key)
      try list.add(entry)
      // First the secret: what is allowed can be used. One that lies there is of no use: its name is not in the list.
      if let made { try KeyFile(name: name, pair: made, server: server.server).write(to: file(of: name)) }
      try write(list)
      return entry
    }
  }

  /// Allows a key no longer, and removes its secret where it was made here.
  public func revoke(_ name: String) throws {
    try locked {
      var list = try allowList()
      try list.remove(name)
      try write(list)
      guard unlink(file(of: name)) == 0 || errno == ENOENT else { throw GuardedFile.system("remove \(file(of: name))") }
    }
  }

  /// The fleet's own keys.
  public func server() throws -> KeyFile {
    try GuardedFile.checkDirectory(path)
    guard GuardedFile.Stamp(serverPath) != nil else {
      throw KeyError(.missing, "\(path) holds no fleet's keys; 'sonarsweep keys init \(path)' makes them")
    }
    return try KeyFile(reading: serverPath)
  }

  public func allowList() throws -> AllowList {
    try GuardedFile.checkDirectory(path)
    return try AllowList(
      parsing: try GuardedFile.read(listPath, .published, limit: Self.listLimit), file: listPath)
  }

  /// Changes whenever the list does.
  var listStamp: GuardedFile.Stamp? { GuardedFile.Stamp(listPath) }

  private func write(_ list: AllowList) throws { try GuardedFile.write(list.text, to: listPath, .published) }

  /// Two commands at a time would lose one's change.
  private func locked<Result>(_ body: () throws -> Result) throws -> Result {
    try GuardedFile.checkDirectory(path)
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw GuardedFile.system("open \(path)") }
    defer { close(descriptor) }
    guard flock(descriptor, LOCK_EX) == 0 else { throw GuardedFile.system("lock \(path)") }
    return try body()
  }
}
