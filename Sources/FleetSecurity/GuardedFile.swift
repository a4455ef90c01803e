import Foundation

/// Small files whose permissions matter.
package enum GuardedFile {
  package enum Kind {
    /// For its owner's eyes only.
    case secret
    /// Others may read it, but not change it.
    case published

    var mode: mode_t { self == .secret ? 0o600 : 0o644 }
    fileprivate var forbidden: mode_t { self == .secret ? 0o077 : 0o022 }
  }

  /// Tells one content of a file from the next, without reading it.
  package struct Stamp: Hashable, Sendable {
    private let numbers: [Int]

    /// Nil where there is no such file.
    package init?(_ path: String) {
      var status = stat()
      guard stat(path, &status) == 0 else { return nil }
      numbers = [
        Int(status.st_ino), Int(status.st_size), status.st_mtim.tv_sec, status.st_mtim.tv_nsec, Int(status.st_mode),
      ]
    }
  }

  /// The file's text, if its permissions are as they should be.
  ///
  /// - Parameter limit: the most bytes it may have.
  package static func read(_ path: String, _ kind: Kind, limit: Int) throws -> String {
    // Not blocking: the name might be a pipe's.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw errno == ENOENT ? KeyError(.missing, "there is no file \(path)") : system("open \(path)")
    }
    let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    // Of what was opened, not of what the name stands for by now.
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw system("look at \(path)") }
    guard status.st_mode & S_IFMT == S_IFREG else { throw KeyError(.malformed, "\(path) is no regular file") }
    guard status.st_mode & kind.forbidden == 0 else { throw tooOpen(path, kind, status.st_mode) }
    guard status.st_size <= limit, let bytes = try? file.read(upToCount: limit) ?? Data() else {
      throw KeyError(.malformed, "\(path) cannot be read, or has more than \(limit) bytes")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw KeyError(.malformed, "\(path) is not UTF-8 text")
    }
    return text
  }

  /// Makes a file, or replaces it in one step; it is complete on disk when this returns, and never wider than `kind`.
  package static func write(_ text: String, to path: String, _ kind: Kind) throws {
    var temporary = Array("\(path).XXXXXX".utf8CString)
    // Mode 0600 from the start.
    let descriptor = mkstemp(&temporary)
    guard descriptor >= 0 else { throw system("write \(path)") }
    do {
      let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
      try file.write(contentsOf: Data(text.utf8))
      try file.synchronize()
      guard fchmod(descriptor, kind.mode) == 0, rename(temporary, path) == 0 else { throw system("write \(path)") }
    } catch {
      unlink(temporary)
      throw error as? KeyError ?? KeyError(.system, "write \(path): \(error.localizedDescription)")
    }
    let directory = open((path as NSString).deletingLastPathComponent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard directory >= 0 else { throw system("open the directory of \(path)") }
    defer { close(directory) }
    guard fsync(directory) == 0 else { throw system("sync the directory of \(path)") }
  }

  /// Throws where others may put files of their own into a directory.
  static func checkDirectory(_ path: String) throws {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      throw KeyError(.missing, "there is no directory \(path); 'sonarsweep keys init \(path)' makes one with keys")
    }
    guard status.st_mode & 0o022 == 0 else {
      throw KeyError(
        .tooOpen, "others may put files into \(path) (mode \(octal(status.st_mode))); run: chmod go-w \(path)")
    }
  }

  package static func system(_ action: String) -> KeyError {
    KeyError(.system, "\(action): \(String(cString: strerror(errno)))")
  }

  private static func tooOpen(_ path: String, _ kind: Kind, _ mode: mode_t) -> KeyError {
    switch kind {
    case .secret:
      KeyError(
        .tooOpen,
        "\(path) holds a secret, and others may use the file (mode \(octal(mode))); run: chmod 600 \(path). "
          + "Make a new key if somebody may have read it")
    case .published:
      KeyError(.tooOpen, "others may change \(path) (mode \(octal(mode))); run: chmod go-w \(path)")
    }
  }

  private static func octal(_ mode: mode_t) -> String { "0" + String(mode & 0o777, radix: 8) }
}
