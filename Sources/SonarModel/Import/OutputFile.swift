import Crypto
import Foundation

/// A new file written from front to back, its SHA-256 on the way.
final class OutputFile {
  private let path: String
  private let descriptor: Int32
  private var hash = SHA256()

  /// Throws `ModelError` where it exists or cannot be made.
  init(_ url: URL) throws {
    path = url.path
    descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw Self.failure("create \(path)") }
  }

  deinit { close(descriptor) }

  func write(_ bytes: UnsafeRawBufferPointer) throws {
    var rest = bytes
    while !rest.isEmpty {
      let count = Foundation.write(descriptor, rest.baseAddress, rest.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw Self.failure("write \(path)") }
      rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
    }
    hash.update(bufferPointer: bytes)
  }

  func write(_ bytes: some ContiguousBytes) throws { try bytes.withUnsafeBytes { try write($0) } }

  /// Waits until the file is on disk. Returns its SHA-256, lower-case hex.
  func finish() throws -> String {
    guard fsync(descriptor) == 0 else { throw Self.failure("sync \(path)") }
    return hash.finalize().hex
  }

  /// The error of the call that just failed, in words.
  static func failure(_ what: String) -> ModelError {
    let code = errno
    let reason = String(cString: strerror(code))
    return code == ENOSPC || code == EDQUOT
      ? ModelError("there is no room to \(what): \(reason). Nothing was left behind")
      : ModelError("cannot \(what): \(reason)")
  }
}

extension SHA256.Digest {
  /// In lower-case hex.
  var hex: String { map { String(format: "%02x", $0) }.joined() }
}
