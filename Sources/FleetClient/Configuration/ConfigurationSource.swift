import Foundation

/// A small file as it was read, and whom it is open to.
public struct ConfigurationSource: Sendable {
  let text: String
  /// The permissions.
  let mode: mode_t

  package init(text: String, mode: mode_t) { (self.text, self.mode) = (text, mode) }

  private static let limit = 1 << 16

  /// Nil where there is no such file.
  ///
  /// - Throws: `FleetClientError` where it cannot be read.
  public init?(_ path: String) throws {
    func refuse(_ reason: String) -> FleetClientError { FleetClientError(.configuration, "\(path) \(reason)") }
    // Not blocking: the name might be a pipe's.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      throw refuse("cannot be read: \(String(cString: strerror(errno)))")
    }
    let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw refuse("is no regular file")
    }
    guard status.st_size <= Self.limit, let bytes = try? file.read(upToCount: Self.limit) ?? Data(),
      let text = String(validating: bytes, as: UTF8.self)
    else { throw refuse("is no short UTF-8 text") }
    self.init(text: text, mode: status.st_mode & 0o777)
  }

  /// Throws where others may read a file that holds a token.
  func checkSecrecy(of path: String) throws {
    guard mode & 0o077 == 0 else {
      throw FleetClientError(
        .configuration,
        "\(path) holds a token, and others may use the file (mode 0\(String(mode, radix: 8))); run: chmod 600 \(path). "
          + "Ask for a new token if somebody may have read it")
    }
  }
}
