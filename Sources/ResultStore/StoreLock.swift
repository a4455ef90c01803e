import Foundation

/// Holds a store's directory for one writing process; the kernel lets go of it however the process ends.
final class StoreLock {
  private let descriptor: Int32

  /// Throws `locked` where another process holds it.
  init(_ directory: String) throws {
    descriptor = open("\(directory)/.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw StoreError.system("create \(directory)/.lock") }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      throw StoreError(.locked, "another process is writing to \(directory); wait for it, or stop it")
    }
  }

  deinit { close(descriptor) }
}
