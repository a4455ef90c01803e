import CRename
import Foundation

/// A directory a model is built in, beside the place it will have, invisible until it is complete.
///
/// Its process holds a lock on it (`flock`, which ends with the process however that ends), so a later import can tell
/// a dead one's from one that is still being written.
final class StagingDirectory {
  private static let prefix = ".sonarsweep-"

  let url: URL
  private let parent: URL
  private let lock: Int32

  /// Removes what dead processes left in `parent`, and makes a new directory there.
  init(in parent: URL, name: String) throws {
    do {
      try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
    } catch {
      throw ModelError("\(parent.path) cannot be made: \(error.localizedDescription)")
    }
    Self.removeAbandoned(in: parent)
    self.parent = parent
    url = parent.appending(path: "\(Self.prefix)\(name).\(UUID().uuidString.prefix(8))")
    guard mkdir(url.path, 0o755) == 0 else { throw OutputFile.failure("make a directory in \(parent.path)") }
    guard let lock = Self.lock(url) else {
      throw ModelError("\(url.path) cannot be locked; another import may have removed it. Try again")
    }
    self.lock = lock
  }

  deinit { close(lock) }

  /// Puts the directory in its place under `name` in one step; a model that is there is exchanged and then removed.
  func publish(as name: String, replacing: Bool) throws {
    try Self.sync(url)
    let target = parent.appending(path: name)
    if replacing, FileManager.default.fileExists(atPath: target.path) {
      guard rename_exchanging(url.path, target.path) == 0 else {
        throw OutputFile.failure("put the model in the place of \(target.path)")
      }
      discard()
    } else {
      // Not every file system knows the flag; a plain rename refuses a directory that is not empty all the same.
      let done =
        rename_without_replacing(url.path, target.path) == 0
        || (errno == EINVAL && rename(url.path, target.path) == 0)
      guard done else { throw OutputFile.failure("put the model at \(target.path)") }
    }
    try Self.sync(parent)
  }

  /// Removes it and what is in it.
  func discard() { try? FileManager.default.removeItem(at: url) }

  /// Moves a directory out of sight in one step, then removes it; what a crash leaves, the next import removes.
  static func remove(_ directory: URL) throws {
    let parent = directory.deletingLastPathComponent()
    let hidden = parent.appending(path: "\(prefix)\(directory.lastPathComponent).\(UUID().uuidString.prefix(8))")
    guard rename(directory.path, hidden.path) == 0 else { throw OutputFile.failure("remove \(directory.path)") }
    do {
      try FileManager.default.removeItem(at: hidden)
    } catch {
      throw ModelError("\(hidden.path) cannot be removed: \(error.localizedDescription)")
    }
  }

  private static func removeAbandoned(in parent: URL) {
    for name in (try? FileManager.default.contentsOfDirectory(atPath: parent.path)) ?? [] where name.hasPrefix(prefix) {
      let abandoned = parent.appending(path: name)
      guard let lock = lock(abandoned) else { continue }
      try? FileManager.default.removeItem(at: abandoned)
      close(lock)
    }
  }

  /// The locked directory's descriptor; nil where another process holds it, or it is no directory.
  private static func lock(_ directory: URL) -> Int32? {
    let descriptor = open(directory.path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, access(directory.path, F_OK) == 0 else {
      close(descriptor)
      return nil
    }
    return descriptor
  }

  private static func sync(_ directory: URL) throws {
    let descriptor = open(directory.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw OutputFile.failure("open \(directory.path)") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw OutputFile.failure("sync \(directory.path)") }
  }
}
