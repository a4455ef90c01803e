/// A row-major float32 matrix in aligned memory.
///
/// Rows may be appended up to any number: storage grows, never shrinks, and is rounded up so that kernels may work on a
/// few rows more than are in use (`RowBucket`). Not thread-safe: a matrix belongs to the thread of its model instance.
public final class Matrix {
  public let columns: Int
  public private(set) var rows: Int
  private var storage: UnsafeMutableRawPointer
  private var byteCount: Int

  static let alignment = 64

  public init(rows: Int = 0, columns: Int) {
    self.columns = columns
    self.rows = 0
    // Never empty, so that there is always an address.
    byteCount = Matrix.alignment
    storage = .allocate(byteCount: byteCount, alignment: Matrix.alignment)
    resize(rows: rows)
  }

  /// A matrix of as many whole rows as `values` fill.
  public convenience init(_ values: [Float], columns: Int) {
    self.init(rows: values.count / columns, columns: columns)
    values.withUnsafeBufferPointer { source in
      if let base = source.baseAddress { pointer.update(from: base, count: rows * columns) }
    }
  }

  deinit { storage.deallocate() }

  /// The first element of row 0.
  public var pointer: UnsafeMutablePointer<Float> { storage.assumingMemoryBound(to: Float.self) }

  public func row(_ index: Int) -> UnsafeMutablePointer<Float> { pointer + index * columns }

  public func values(ofRow index: Int) -> [Float] {
    Array(UnsafeBufferPointer(start: row(index), count: columns))
  }

  /// Sets the number of rows. New rows hold whatever was there (zeros at first); existing rows keep their values.
  public func resize(rows count: Int) {
    let needed = RowBucket.size(for: count) * columns * MemoryLayout<Float>.stride
    if needed > byteCount {
      let grown = UnsafeMutableRawPointer.allocate(byteCount: needed, alignment: Matrix.alignment)
      grown.initializeMemory(as: UInt8.self, repeating: 0, count: needed)
      grown.copyMemory(from: storage, byteCount: min(byteCount, columns * rows * MemoryLayout<Float>.stride))
      storage.deallocate()
      (storage, byteCount) = (grown, needed)
    }
    rows = count
  }
}
