/// A row-major float32 matrix in aligned memory.
///
/// Rows may be appended up to any number: storage grows, never shrinks, and is rounded up so that kernels may work on a
/// few rows more than are in use (`RowBucket`). Not thread-safe: a matrix belongs to the thread of its model instance.
public final class Matrix {
  public let columns: Int
  public private(set) var rows: Int
  private var storage: UnsafeMutableRawBufferPointer

  static let alignment = 64

  public init(rows: Int = 0, columns: Int) {
    self.columns = columns
    self.rows = 0
    storage = .allocate(byteCount: 0, alignment: Matrix.alignment)
    resize(rows: rows)
  }

  public convenience init(_ values: [Float], columns: Int) {
    precondition(values.count % columns == 0, "values do not fill whole rows")
    self.init(rows: values.count / columns, columns: columns)
    values.withUnsafeBufferPointer { source in
      if let base = source.baseAddress { pointer.update(from: base, count: values.count) }
    }
  }

  deinit { storage.deallocate() }

  /// The first element of row 0.
  public var pointer: UnsafeMutablePointer<Float> {
    // An allocation of size zero may have no address; no kernel reads it then.
    storage.baseAddress?.assumingMemoryBound(to: Float.self) ?? UnsafeMutablePointer(bitPattern: Matrix.alignment)!
  }

  public func row(_ index: Int) -> UnsafeMutablePointer<Float> { pointer + index * columns }

  public func values(ofRow index: Int) -> [Float] {
    Array(UnsafeBufferPointer(start: row(index), count: columns))
  }

  /// Sets the number of rows. New rows hold whatever was there (zeros at first); existing rows keep their values.
  public func resize(rows count: Int) {
    let needed = RowBucket.size(for: count) * columns * MemoryLayout<Float>.stride
    if needed > storage.count {
      let grown = UnsafeMutableRawBufferPointer.allocate(byteCount: needed, alignment: Matrix.alignment)
      grown.initializeMemory(as: UInt8.self, repeating: 0)
      UnsafeMutableRawBufferPointer(rebasing: grown[..<storage.count]).copyMemory(from: UnsafeRawBufferPointer(storage))
      storage.deallocate()
      storage = grown
    }
    rows = count
  }
}
