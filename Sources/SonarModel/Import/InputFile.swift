import Foundation

/// A file read at given places, never mapped: memory stays small however large it is, and a file that shrinks meanwhile
/// is an error instead of a signal.
final class InputFile: Sendable {
  let url: URL
  /// In bytes, when it was opened.
  let size: Int
  private let descriptor: Int32

  var path: String { url.path }

  /// Throws `ModelError` unless it is a regular file that can be read.
  init(_ url: URL) throws {
    self.url = url
    // Without O_NONBLOCK, opening a pipe would wait for a writer.
    descriptor = open(url.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw ModelError("\(url.path) cannot be read: \(String(cString: strerror(errno)))")
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw ModelError("\(url.path) is not a file")
    }
    size = Int(status.st_size)
  }

  deinit { close(descriptor) }

  /// Fills the buffer from an offset.
  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws {
    var filled = 0
    while filled < buffer.count {
      let count = pread(
        descriptor, buffer.baseAddress.map { $0 + filled }, buffer.count - filled, off_t(offset + filled))
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else {
        throw ModelError("\(path) cannot be read: \(String(cString: strerror(errno)))")
      }
      guard count > 0 else { throw ModelError("\(path) ends at byte \(offset + filled); it was cut off") }
      filled += count
    }
  }

  /// Throws where the range does not lie in the file.
  func bytes(_ range: Range<Int>) throws -> [UInt8] {
    guard range.lowerBound >= 0, range.upperBound <= size else {
      throw ModelError("\(path) ends at byte \(size); bytes \(range.lowerBound) to \(range.upperBound) are missing")
    }
    return try [UInt8](unsafeUninitializedCapacity: range.count) { buffer, initialized in
      try read(into: UnsafeMutableRawBufferPointer(buffer), at: range.lowerBound)
      initialized = range.count
    }
  }

  /// The whole of a small file.
  func all(atMost limit: Int) throws -> [UInt8] {
    guard size <= limit else { throw ModelError("\(path) has \(size) bytes; at most \(limit) are read") }
    return try bytes(0..<size)
  }
}
