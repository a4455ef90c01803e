/// Goes through tensors' bytes in pieces of 4 MiB, so that memory does not grow with them.
enum TensorBytes {
  static let pieceSize = 4 << 20

  /// Whether two tensors of one length hold the same bytes.
  static func equal(_ a: Checkpoint.Tensor, _ b: Checkpoint.Tensor) throws -> Bool {
    guard a.bytes.count == b.bytes.count else { return false }
    for start in stride(from: 0, to: a.bytes.count, by: pieceSize) {
      let count = min(pieceSize, a.bytes.count - start)
      let (first, second) = (a.bytes.lowerBound + start, b.bytes.lowerBound + start)
      guard try a.file.bytes(first..<first + count) == b.file.bytes(second..<second + count) else { return false }
    }
    return true
  }

  /// Hands a range of a file to `body` piece by piece, in one buffer.
  static func forEach(_ range: Range<Int>, of file: InputFile, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: min(pieceSize, range.count), alignment: 64)
    defer { buffer.deallocate() }
    for start in stride(from: range.lowerBound, to: range.upperBound, by: pieceSize) {
      let piece = UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(pieceSize, range.upperBound - start)])
      try file.read(into: piece, at: start)
      try body(UnsafeRawBufferPointer(piece))
    }
  }
}
