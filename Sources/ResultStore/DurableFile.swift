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
    try move(temporary, to: path)
  }

  /// Gives a file that is on disk its name, in one step.
  static func move(_ temporary: String, to path: String) throws {
    guard rename(temporary, path) == 0 else { throw StoreError.system("rename \(temporary)") }
    do {
      try syncDirectory((path as NSString).deletingLastPathComponent)
    } catch {
      // Where it stayed, the next try would find it and take its name for durable.
      unlink(path)
      throw error
    }
  }

  /// Leaves a file as it is where it has the content already, and writes it otherwise.
  static func ensure(_ bytes: Data, at path: String) throws {
    unlink(path + ".partial")
    if let stored = try read(path, upTo: bytes.count + 1), stored.elementsEqual(bytes) { return }
    try write(bytes, to: path)
  }

  /// Reads a regular file from its start, at most `limit` bytes; nil where there is none.
  static func read(_ path: String, upTo limit: Int) throws -> [UInt8]? {
    // Opening a pipe must not wait for a writer.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw StoreError.system("open \(path)")
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw StoreError.system("read \(path)") }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw StoreError(.mismatch, "\(path) is no regular file; move it away")
    }
    return try [UInt8](unsafeUninitializedCapacity: min(limit, Int(status.st_size))) { buffer, count in
      while count < buffer.count {
        let got = pread(descriptor, buffer.baseAddress.map { $0 + count }, buffer.count - count, off_t(count))
        if got < 0, errno == EINTR { continue }
        guard got >= 0 else { throw StoreError.system("read \(path)") }
        if got == 0 { break }
        count += got
      }
    }
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

  /// Makes a directory and those above it, where they are missing, durably.
  static func makeDirectory(_ path: String) throws {
    var partial = path.hasPrefix("/") ? "/" : ""
    for component in path.split(separator: "/") {
      let parent = partial.isEmpty ? "." : partial
      partial += "\(component)/"
      guard mkdir(partial, 0o755) == 0 else {
        if errno == EEXIST { continue }
        throw StoreError.system("create the directory \(partial)")
      }
      do {
        try syncDirectory(parent)
      } catch {
        // As in `write`: the next try makes it again.
        rmdir(partial)
        throw error
      }
    }
    guard access("\(partial).", F_OK) == 0 else { throw StoreError.system("create the directory \(path)") }
  }
}
