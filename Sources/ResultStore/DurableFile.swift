import Foundation

/// File operations that are complete on disk when they return.
enum DurableFile {
  /// Creates a file, or replaces it in one step: a reader sees the old content or the new, never a part.
  static func write(_ bytes: some ContiguousBytes, to path: String) throws {
    let temporary = path + ".partial"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw StoreError.system("create \(temporary)") }
    do {
      defer { close(descriptor) }
      try bytes.withUnsafeBytes { try write($0, to: descriptor, at: 0, path: temporary) }
      guard fsync(descriptor) == 0 else { throw StoreError.system("sync \(temporary)") }
    }
    guard rename(temporary, path) == 0 else { throw StoreError.system("rename \(temporary)") }
    try syncDirectory((path as NSString).deletingLastPathComponent)
  }

  /// Writes all bytes at an offset, however many calls that takes.
  static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, at offset: Int, path: String) throws {
    var written = 0
    while written < bytes.count {
      let count = pwrite(
        descriptor, bytes.baseAddress.map { $0 + written }, bytes.count - written, off_t(offset + written))
      if count < 0 {
        if errno == EINTR { continue }
        throw StoreError.system("write to \(path)")
      }
      written += count
    }
  }

  /// Makes the names in a directory durable.
  static func syncDirectory(_ path: String) throws {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw StoreError.system("open the directory \(path)") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw StoreError.system("sync the directory \(path)") }
  }

  /// Makes a directory and those above it, where they are missing.
  static func makeDirectory(_ path: String) throws {
    var partial = path.hasPrefix("/") ? "/" : ""
    for component in path.split(separator: "/") {
      partial += "\(component)/"
      if mkdir(partial, 0o755) != 0, errno != EEXIST { throw StoreError.system("create the directory \(partial)") }
    }
    guard access("\(partial).", F_OK) == 0 else { throw StoreError.system("create the directory \(path)") }
  }
}
