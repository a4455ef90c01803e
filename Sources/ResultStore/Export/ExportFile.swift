import Foundation

/// A file written from front to back that appears under its name once it is whole, or standard output.
public final class ExportFile {
  private let path: String?
  private let temporary: String?
  private let descriptor: Int32
  private var buffer = Data()
  private var isFinished = false

  private static let bufferSize = 1 << 20

  /// - Parameter path: `-` for standard output.
  /// - Throws: `StoreError` where the file cannot be made.
  public init(_ path: String) throws {
    guard path != "-" else {
      (self.path, temporary, descriptor) = (nil, nil, STDOUT_FILENO)
      return
    }
    let temporary = path + ".partial"
    (self.path, self.temporary) = (path, temporary)
    descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw StoreError.system("create \(temporary)") }
  }

  deinit {
    guard let temporary, !isFinished else { return }
    close(descriptor)
    unlink(temporary)
  }

  public func write(_ bytes: UnsafeRawBufferPointer) throws {
    buffer.append(contentsOf: bytes)
    if buffer.count >= Self.bufferSize { try flush() }
  }

  public func write(_ data: Data) throws { try data.withUnsafeBytes(write) }

  public func write(_ text: String) throws {
    var text = text
    try text.withUTF8 { try write(UnsafeRawBufferPointer($0)) }
  }

  /// Waits until all of it is on disk, then gives the file its name.
  public func finish() throws {
    try flush()
    guard let path, let temporary else {
      isFinished = true
      return
    }
    guard fsync(descriptor) == 0 else { throw StoreError.system("sync \(temporary)") }
    guard rename(temporary, path) == 0 else { throw StoreError.system("rename \(temporary)") }
    isFinished = true
    close(descriptor)
    let directory = (path as NSString).deletingLastPathComponent
    try DurableFile.syncDirectory(directory.isEmpty ? "." : directory)
  }

  private func flush() throws {
    try buffer.withUnsafeBytes { bytes in
      var rest = bytes
      while !rest.isEmpty {
        let count = Foundation.write(descriptor, rest.baseAddress, rest.count)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { throw StoreError.system("write \(path ?? "to standard output")") }
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
      }
    }
    buffer.removeAll(keepingCapacity: true)
  }
}
