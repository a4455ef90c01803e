import Foundation

/// The lines of a file or of standard input, read in pieces.
struct LineReader: Sequence, IteratorProtocol {
  private let handle: FileHandle
  private var buffer = Data()
  private var ended = false

  /// - Parameter path: a file, or `-` for standard input.
  init(_ path: String) throws {
    if path == "-" {
      handle = .standardInput
    } else {
      var isDirectory: ObjCBool = false
      guard !FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) || !isDirectory.boolValue else {
        throw CommandError("\(path) is a directory; name a file of JSON lines, or - for standard input")
      }
      guard let file = FileHandle(forReadingAtPath: path) else { throw CommandError("\(path) cannot be read") }
      handle = file
    }
  }

  mutating func next() -> String? {
    while true {
      if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
        defer { buffer = Data(buffer[buffer.index(after: end)...]) }
        return String(decoding: buffer[..<end], as: UTF8.self)
      }
      if ended {
        guard !buffer.isEmpty else { return nil }
        defer { buffer = Data() }
        return String(decoding: buffer, as: UTF8.self)
      }
      let piece = (try? handle.read(upToCount: 1 << 16)) ?? Data()
      if piece.isEmpty { ended = true }
      buffer.append(piece)
    }
  }
}

/// A command that cannot go on, in a sentence for its user.
struct CommandError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
