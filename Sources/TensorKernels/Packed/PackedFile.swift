import Foundation

/// Packed weights in a file that all processes of a machine map, so that they share one copy and need not pack again.
///
/// The blocks lie one after the other, each at a page's start; an index in JSON and a trailer of 16 bytes (the index's
/// length, little-endian, and `magic`) end the file. It is written under another name and renamed when whole, so a file
/// that is there is complete; one that is not as it should be is written anew.
public final class PackedFile: PackedStorage {
  private struct Entry: Codable {
    let name: String
    let offset: Int
    let byteCount: Int
  }

  private enum State {
    /// Every block is in the file already.
    case reading(entries: [String: Entry])
    /// Blocks are appended to a file under a temporary name.
    case writing(temporary: String, entries: [Entry], end: Int)
    /// The file cannot be written (a full disk, say): further blocks are this process's own.
    case privateMemory(PrivateStorage)
  }

  private static let magic = Array("SONARPK1".utf8)
  private static let trailerSize = 16

  private let path: String
  private var descriptor: Int32
  /// Held while the file is written, so that other processes wait for it instead of packing too.
  private var lock: Int32 = -1
  private var state: State

  /// Opens the file at `url`, or begins to write it, after waiting for another process that does.
  ///
  /// Throws a `TensorError` where the directory cannot be written.
  public init(_ url: URL) throws {
    path = url.path
    descriptor = -1
    state = .privateMemory(PrivateStorage())
    if openWhole() { return }
    let lockPath = path + ".lock"
    lock = open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard lock >= 0 else { throw TensorError("\(lockPath) cannot be made: \(String(cString: strerror(errno)))") }
    while flock(lock, LOCK_EX) != 0 {
      guard errno == EINTR else {
        throw TensorError("\(lockPath) cannot be locked: \(String(cString: strerror(errno)))")
      }
    }
    if openWhole() {
      unlock()
      return
    }
    let temporary = path + ".tmp"
    descriptor = open(temporary, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      defer { unlock() }
      throw TensorError("\(temporary) cannot be made: \(String(cString: strerror(errno)))")
    }
    state = .writing(temporary: temporary, entries: [], end: 0)
  }

  deinit {
    giveUpWriting()
    if descriptor >= 0 { close(descriptor) }
  }

  /// Whether all blocks came from the file.
  public var isComplete: Bool { if case .reading = state { true } else { false } }

  public func block(
    _ name: String, byteCount: Int, fill: (UnsafeMutableRawPointer) throws -> Void
  ) throws -> PackedBlock {
    switch state {
    case .reading(let entries):
      // Another kind of processor may have written the file: what it does not hold is this process's own.
      guard let entry = entries[name], entry.byteCount == byteCount,
        let block = map(entry.offset, byteCount, PROT_READ)
      else { return try PrivateStorage().block(name, byteCount: byteCount, fill: fill) }
      return block
    case .writing(let temporary, var entries, let end):
      // Room is made before the block is mapped: a mapped page that finds no room on the disk would end the process.
      guard posix_fallocate(descriptor, off_t(end), off_t(byteCount)) == 0,
        let block = map(end, byteCount, PROT_READ | PROT_WRITE)
      else {
        giveUpWriting()
        return try self.block(name, byteCount: byteCount, fill: fill)
      }
      try fill(block.address)
      mprotect(block.address, byteCount, PROT_READ)
      entries.append(Entry(name: name, offset: end, byteCount: byteCount))
      state = .writing(temporary: temporary, entries: entries, end: roundUpToPage(end + byteCount))
      return block
    case .privateMemory(let storage):
      return try storage.block(name, byteCount: byteCount, fill: fill)
    }
  }

  /// Call when all blocks were asked for: makes a written file durable and visible. What could not be written stays
  /// this process's own.
  public func finish() {
    guard case .writing(let temporary, let entries, let end) = state else { return }
    guard let index = try? JSONEncoder().encode(entries) else { return giveUpWriting() }
    var tail = Array(index)
    withUnsafeBytes(of: UInt64(index.count).littleEndian) { tail += $0 }
    tail += Self.magic
    let written = pwrite(descriptor, tail, tail.count, off_t(end))
    guard written == tail.count, fsync(descriptor) == 0, rename(temporary, path) == 0 else { return giveUpWriting() }
    state = .reading(entries: Dictionary(entries.map { ($0.name, $0) }, uniquingKeysWith: { $1 }))
    unlock()
  }

  /// The blocks that were handed out stay valid.
  private func giveUpWriting() {
    guard case .writing(let temporary, _, _) = state else { return }
    unlink(temporary)
    state = .privateMemory(PrivateStorage())
    unlock()
  }

  private func unlock() {
    if lock >= 0 { close(lock) }
    lock = -1
  }

  private func map(_ offset: Int, _ byteCount: Int, _ protection: Int32) -> PackedBlock? {
    guard byteCount > 0, let address = mmap(nil, byteCount, protection, MAP_SHARED, descriptor, off_t(offset)),
      address != MAP_FAILED
    else { return nil }
    return PackedBlock(address) { munmap($0, byteCount) }
  }

  /// Whether the file is there and as `finish` left it.
  private func openWhole() -> Bool {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return false }
    guard let entries = Self.readIndex(file) else {
      close(file)
      return false
    }
    descriptor = file
    state = .reading(entries: entries)
    return true
  }

  private static func readIndex(_ file: Int32) -> [String: Entry]? {
    let size = Int(lseek(file, 0, SEEK_END))
    guard size >= trailerSize, let trailer = read(file, size - trailerSize, trailerSize),
      Array(trailer.suffix(magic.count)) == magic
    else { return nil }
    let length = trailer.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
    guard length <= UInt64(size - trailerSize),
      let index = read(file, size - trailerSize - Int(length), Int(length)),
      let entries = try? JSONDecoder().decode([Entry].self, from: Data(index)),
      entries.allSatisfy({
        $0.offset >= 0 && $0.offset % MemoryAlignment.page == 0 && $0.byteCount > 0 && $0.offset <= size
          && $0.byteCount <= size - $0.offset
      })
    else { return nil }
    return Dictionary(entries.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
  }

  private static func read(_ file: Int32, _ offset: Int, _ count: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    return pread(file, &bytes, count, off_t(offset)) == count ? bytes : nil
  }

  private func roundUpToPage(_ value: Int) -> Int {
    (value + MemoryAlignment.page - 1) / MemoryAlignment.page * MemoryAlignment.page
  }
}
