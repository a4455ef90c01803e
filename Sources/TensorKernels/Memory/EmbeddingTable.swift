/// An embedding table, [vocabulary, width], read where it lies: of a large file only the rows in use come into memory.
public final class EmbeddingTable {
  package enum ElementType: Sendable {
    case float32, float16, bfloat16

    package var size: Int { self == .float32 ? 4 : 2 }
  }

  public let width: Int
  private let type: ElementType
  private let file: MappedFile
  private let range: Range<Int>
  private var readRows = 0
  /// After so many rows their memory is given back: the system maps a table's neighbouring rows with each.
  private static let keptRows = 1024

  /// - Parameters:
  ///   - range: where the file holds whole rows of `width` elements, little-endian.
  package init(_ file: MappedFile, _ range: Range<Int>, type: ElementType, width: Int) {
    self.file = file
    self.range = range
    self.type = type
    self.width = width
  }

  /// `target[j] = row[j] * scale + addend[j]`
  func read(
    row: Int, scale: Float, addend: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>
  ) {
    readRows += 1
    if readRows % Self.keptRows == 0 { file.release(range) }
    let bytes = file.bytes
    let start = range.lowerBound + row * width * type.size
    switch type {
    case .float32:
      for j in 0..<width {
        target[j] = bytes.loadUnaligned(fromByteOffset: start + 4 * j, as: Float.self) * scale + addend[j]
      }
    case .float16:
      for j in 0..<width {
        let value = Float(bytes.loadUnaligned(fromByteOffset: start + 2 * j, as: Float16.self))
        target[j] = value * scale + addend[j]
      }
    case .bfloat16:
      for j in 0..<width {
        let bits = UInt32(bytes.loadUnaligned(fromByteOffset: start + 2 * j, as: UInt16.self)) << 16
        target[j] = Float(bitPattern: bits) * scale + addend[j]
      }
    }
  }
}
