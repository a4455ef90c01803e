/// Where packed weights live: in memory of this process's own, or in a file that several processes map.
public protocol PackedStorage: AnyObject {
  /// The bytes kept under `name`: those that are there already, or new ones, which `fill` writes.
  func block(
    _ name: String, byteCount: Int, fill: (UnsafeMutableRawPointer) throws -> Void
  ) throws -> PackedBlock
}

/// Bytes of a `PackedStorage`, aligned for the widest vectors. They must not be written to.
public final class PackedBlock {
  let address: UnsafeMutableRawPointer
  private let release: (UnsafeMutableRawPointer) -> Void

  init(_ address: UnsafeMutableRawPointer, release: @escaping (UnsafeMutableRawPointer) -> Void) {
    self.address = address
    self.release = release
  }

  deinit { release(address) }
}

/// Packed weights in this process's memory alone.
public final class PrivateStorage: PackedStorage {
  public init() {}

  public func block(
    _ name: String, byteCount: Int, fill: (UnsafeMutableRawPointer) throws -> Void
  ) throws -> PackedBlock {
    let address = UnsafeMutableRawPointer.allocate(byteCount: max(byteCount, 1), alignment: MemoryAlignment.page)
    let block = PackedBlock(address) { $0.deallocate() }
    try fill(address)
    return block
  }
}
