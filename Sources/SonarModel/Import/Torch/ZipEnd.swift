/// The records at the end of a zip file: where its central directory lies.
struct ZipEnd {
  let entries: Int
  /// The central directory's bytes in the file.
  let directory: Range<Int>

  private static let size = 22
  private static let locatorSize = 20
  private static let zip64Size = 56
  private static let maximumComment = 0xFFFF

  /// Throws `ZipProblem`, or `ByteCursor.End` where a number cannot be.
  init(_ file: InputFile) throws {
    let start = try Self.find(in: file)
    var record = ByteCursor(try file.bytes(start..<start + Self.size), at: 4)
    let disks = (try record.number(UInt16.self), try record.number(UInt16.self))
    let counts = (try record.number(UInt16.self), try record.number(UInt16.self))
    let (size, offset) = (try record.number(UInt32.self), try record.number(UInt32.self))
    let zip64 = try Self.zip64(in: file, before: start)
    let end = zip64?.start ?? start
    let directorySize = zip64?.size ?? Int(size)
    let directoryStart = zip64?.offset ?? Int(offset)
    entries = zip64?.entries ?? Int(counts.1)
    guard disks.0 == 0 || disks.0 == .max, disks.1 == 0 || disks.1 == .max, counts.0 == counts.1 else {
      throw ZipProblem("it is one of several volumes")
    }
    // The short record agrees with the long one, or leaves the number to it.
    guard counts.1 == .max || Int(counts.1) == entries, size == .max || Int(size) == directorySize,
      offset == .max || Int(offset) == directoryStart, directorySize >= 0, directorySize <= end,
      directoryStart == end - directorySize
    else { throw ZipProblem("its directory is not where its end says") }
    directory = directoryStart..<end
  }

  /// The last end record whose comment reaches exactly to the file's end.
  private static func find(in file: InputFile) throws -> Int {
    let first = max(0, file.size - size - maximumComment)
    let tail = try file.bytes(first..<file.size)
    var position = tail.count - size
    while position >= 0 {
      if tail[position] == 0x50, tail[position + 1] == 0x4B, tail[position + 2] == 5, tail[position + 3] == 6,
        Int(tail[position + 20]) | Int(tail[position + 21]) << 8 == tail.count - position - size
      {
        return first + position
      }
      position -= 1
    }
    throw ZipProblem("it has no zip directory; it may have been cut off")
  }

  private static func zip64(in file: InputFile, before end: Int) throws
    -> (start: Int, entries: Int, size: Int, offset: Int)?
  {
    guard end >= locatorSize else { return nil }
    var locator = ByteCursor(try file.bytes(end - locatorSize..<end))
    guard try locator.number(UInt32.self) == 0x0706_4b50 else { return nil }
    _ = try locator.take(4)
    let start = try locator.integer(UInt64.self)
    guard start <= end - locatorSize - zip64Size else { throw ZipProblem("its zip64 record is not where it should be") }
    var record = ByteCursor(try file.bytes(start..<start + zip64Size))
    guard try record.number(UInt32.self) == 0x0606_4b50 else {
      throw ZipProblem("its zip64 record is not where it should be")
    }
    _ = try record.take(20)
    let counts = (try record.integer(UInt64.self), try record.integer(UInt64.self))
    guard counts.0 == counts.1 else { throw ZipProblem("it is one of several volumes") }
    return (start, counts.1, try record.integer(UInt64.self), try record.integer(UInt64.self))
  }
}
