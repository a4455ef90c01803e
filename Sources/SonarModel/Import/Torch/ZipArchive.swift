/// Where the entries of a zip file lie, as `torch.save` writes it: entries stored without compression, zip64 records
/// where they are needed or not.
///
/// The central directory is checked in full: entries lie in the file one after the other without overlap, each local
/// header agrees with it, and no name stands twice. Checksums are not compared (torch can be told to leave them out); an
/// import writes the SHA-256 of the whole file into the model's card instead.
struct ZipArchive {
  private static let maximumEntries = 100_000
  private static let maximumDirectory = 64 << 20

  let path: String
  /// The bytes of each entry in the file, by name.
  let entries: [String: Range<Int>]

  init(_ file: InputFile) throws {
    path = file.path
    do {
      let end = try ZipEnd(file)
      guard end.entries <= Self.maximumEntries, end.directory.count <= Self.maximumDirectory else {
        throw ZipProblem("its directory is too large: \(end.entries) entries in \(end.directory.count) bytes")
      }
      let listed = try Self.directory(try file.bytes(end.directory), count: end.entries)
      entries = try Self.locate(listed, in: file, before: end.directory.lowerBound)
    } catch let problem as ZipProblem {
      throw ModelError("\(file.path) is not a checkpoint torch.save wrote: \(problem.description)")
    } catch is ByteCursor.End {
      throw ModelError("\(file.path) is not a checkpoint torch.save wrote: its zip directory is cut off")
    }
  }

  /// An entry as the central directory lists it.
  private struct Listed {
    let name: [UInt8]
    let flags: UInt16
    let size: Int
    let header: Int
  }

  private static func directory(_ bytes: [UInt8], count: Int) throws -> [Listed] {
    var cursor = ByteCursor(bytes)
    let entries = try (0..<count).map { _ in
      guard try cursor.number(UInt32.self) == 0x0201_4b50 else { throw ZipProblem("its directory is damaged") }
      _ = try cursor.take(4)
      let (flags, method) = (try cursor.number(UInt16.self), try cursor.number(UInt16.self))
      _ = try cursor.take(8)
      let (stored, size) = (try cursor.number(UInt32.self), try cursor.number(UInt32.self))
      let nameLength = try cursor.integer(UInt16.self)
      let extraLength = try cursor.integer(UInt16.self)
      let commentLength = try cursor.integer(UInt16.self)
      let disk = try cursor.number(UInt16.self)
      _ = try cursor.take(6)
      let offset = try cursor.number(UInt32.self)
      let name = Array(try cursor.take(nameLength))
      var zip64 = try zip64Field(try cursor.take(extraLength))
      _ = try cursor.take(commentLength)
      // In this order, each only where the short field says so.
      let fullSize = size == .max ? try zip64.integer(UInt64.self) : Int(size)
      let fullStored = stored == .max ? try zip64.integer(UInt64.self) : Int(stored)
      let fullOffset = offset == .max ? try zip64.integer(UInt64.self) : Int(offset)
      let shown = printable(name)
      guard flags & 0x2041 == 0 else { throw ZipProblem("its entry '\(shown)' is encrypted") }
      guard method == 0, fullStored == fullSize else {
        throw ZipProblem("its entry '\(shown)' is compressed; torch.save stores entries as they are")
      }
      guard disk == 0 || disk == .max else { throw ZipProblem("it is one of several volumes") }
      return Listed(name: name, flags: flags, size: fullSize, header: fullOffset)
    }
    guard cursor.remaining == 0 else { throw ZipProblem("its directory is damaged") }
    return entries
  }

  /// The content of the zip64 field among an entry's extra fields, empty where there is none.
  private static func zip64Field(_ extra: ArraySlice<UInt8>) throws -> ByteCursor {
    var cursor = ByteCursor(Array(extra))
    while cursor.remaining >= 4 {
      let kind = try cursor.number(UInt16.self)
      let content = try cursor.take(try cursor.integer(UInt16.self))
      if kind == 1 { return ByteCursor(Array(content)) }
    }
    return ByteCursor([])
  }

  /// Reads each local header, which says where the content starts.
  private static func locate(_ listed: [Listed], in file: InputFile, before end: Int) throws -> [String: Range<Int>] {
    var entries: [String: Range<Int>] = [:]
    var free = 0
    for entry in listed.sorted(by: { $0.header < $1.header }) {
      let shown = printable(entry.name)
      guard entry.header >= free, entry.header <= end - 30 else {
        throw ZipProblem("its entry '\(shown)' overlaps another or lies outside the file")
      }
      var cursor = ByteCursor(try file.bytes(entry.header..<entry.header + 30))
      let signature = try cursor.number(UInt32.self)
      _ = try cursor.take(4)
      let method = try cursor.number(UInt16.self)
      _ = try cursor.take(12)
      let size = try cursor.number(UInt32.self)
      let (nameLength, extraLength) = (try cursor.integer(UInt16.self), try cursor.integer(UInt16.self))
      let start = entry.header + 30 + nameLength + extraLength
      // A size follows the content where flag 3 is set, and is in an extra field where it is saturated.
      let knowsSize = entry.flags & 8 == 0 && size != .max
      guard signature == 0x0403_4b50, method == 0, nameLength == entry.name.count,
        !knowsSize || Int(size) == entry.size, start <= end, entry.size <= end - start,
        try file.bytes(entry.header + 30..<entry.header + 30 + nameLength) == entry.name
      else { throw ZipProblem("its entry '\(shown)' is not what the directory says") }
      guard let name = String(validating: entry.name, as: UTF8.self) else {
        throw ZipProblem("its entry '\(shown)' has a name that is not UTF-8")
      }
      free = start + entry.size
      guard entries.updateValue(start..<free, forKey: name) == nil else {
        throw ZipProblem("its entry '\(shown)' stands twice")
      }
    }
    return entries
  }
}

/// What is wrong with a zip file.
struct ZipProblem: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
