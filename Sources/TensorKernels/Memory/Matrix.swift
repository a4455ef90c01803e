/// A row-major matrix in aligned memory.
///
/// Rows may be appended up to any number: storage grows, never shrinks, and is rounded up so that kernels may work on a
/// few rows more than are in use (`RowTiling`). Not thread-safe: a matrix belongs to the thread of its model instance.
public final class Matrix<Element: BitwiseCopyable> {
  public let columns: Int
  public private(set) var rows: Int
  private var storage: UnsafeMutableRawPointer
  private var byteCount: Int

  public init(rows: Int = 0, columns: Int) {
    self.columns = columns
    self.rows = 0
    // Never empty, so that there is always an address.
    byteCount = MemoryAlignment.vector
    storage = .allocate(byteCount: byteCount, alignment: MemoryAlignment.vector)
    resize(rows: rows)
  }

  /// A matrix of as many whole rows as `values` fill.
  public convenience init(_ values: [Element], columns: Int) {
    self.init(rows: values.count / columns, columns: columns)
    values.withUnsafeBufferPointer { source in
      if let base = source.baseAddress { pointer.update(from: base, count: rows * columns) }
    }
  }

  deinit { storage.deallocate() }

  /// The first element of row 0.
  public var pointer: UnsafeMutablePointer<Element> { storage.assumingMemoryBound(to: Element.self) }

  public func row(_ index: Int) -> UnsafeMutablePointer<Element> { pointer + index * columns }

  public func values(ofRow index: Int) -> [Element] {
    Array(UnsafeBufferPointer(start: row(index), count: columns))
  }

  /// Sets the number of rows. New rows hold whatever was there (zeros at first); existing rows keep their values.
  public func resize(rows count: Int) {
    let needed = RowTiling.capacity(for: count) * columns * MemoryLayout<Element>.stride
    if needed > byteCount {
      let grown = UnsafeMutableRawPointer.allocate(byteCount: needed, alignment: MemoryAlignment.vector)
      let used = min(byteCount, columns * rows * MemoryLayout<Element>.stride)
      grown.copyMemory(from: storage, byteCount: used)
      (grown + used).initializeMemory(as: UInt8.self, repeating: 0, count: needed - used)
      storage.deallocate()
      (storage, byteCount) = (grown, needed)
    }
    rows = count
  }
}

/// In bytes.
enum MemoryAlignment {
  /// A cache line, and an AVX-512 register.
  static let vector = 64
  static let page = 4096
}
