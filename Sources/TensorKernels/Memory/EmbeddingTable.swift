/// An embedding table, [vocabulary, width], read where it lies: of a large file only the rows in use come into memory.
public final class EmbeddingTable {
  public let width: Int
  private let type: WeightType
  private let file: MappedFile
  private let range: Range<Int>
  private var readRows = 0
  /// After so many rows their memory is given back: the system maps a table's neighbouring rows with each.
  private static let keptRows = 1024

  /// - Parameters:
  ///   - range: where the file holds whole rows of `width` elements, little-endian.
  package init(_ file: MappedFile, _ range: Range<Int>, type: WeightType, width: Int) {
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
    let size = width * type.size
    let start = range.lowerBound + row * size
    let bytes = UnsafeRawBufferPointer(rebasing: file.bytes[start..<start + size])
    type.widen(bytes, into: target)
    for j in 0..<width { target[j] = target[j] * scale + addend[j] }
  }
}
