/// Zip files as torch writes them, and others whose records lie.
struct ZipFile {
  struct Entry {
    var name: String
    var content: [UInt8]
    var method: UInt16 = 0
    var flags: UInt16 = 0
    /// What the records say, where that is not the truth.
    var listedSize: UInt32?
    var localSize: UInt32?
    var localName: String?
    var offset: UInt32?
  }

  var entries: [Entry]
  /// What the end record says, where that is not the truth.
  var count: UInt16?
  var directoryOffset: UInt32?
  var directorySize: UInt32?

  /// A checkpoint: a pickle and its storages.
  static func checkpoint(pickle: [UInt8], storages: [String: [UInt8]] = [:]) -> Self {
    Self(
      entries: [Entry(name: "archive/data.pkl", content: pickle)]
        + storages.sorted { $0.key < $1.key }.map { Entry(name: "archive/data/\($0.key)", content: $0.value) })
  }

  var bytes: [UInt8] {
    var file: [UInt8] = []
    var directory: [UInt8] = []
    for entry in entries {
      let offset = entry.offset ?? UInt32(file.count)
      let size = entry.localSize ?? UInt32(entry.content.count)
      let localName = Array((entry.localName ?? entry.name).utf8)
      file += little(0x0403_4b50 as UInt32) + little(20 as UInt16) + little(entry.flags) + little(entry.method)
      file += [UInt8](repeating: 0, count: 8) + little(size) + little(size)
      file += little(UInt16(localName.count)) + little(0 as UInt16) + localName + entry.content
      let listed = entry.listedSize ?? UInt32(entry.content.count)
      directory += little(0x0201_4b50 as UInt32) + [20, 0, 20, 0] + little(entry.flags) + little(entry.method)
      directory += [UInt8](repeating: 0, count: 8) + little(listed) + little(listed)
      directory += little(UInt16(entry.name.utf8.count)) + [UInt8](repeating: 0, count: 12) + little(offset)
      directory += Array(entry.name.utf8)
    }
    let (start, count) = (UInt32(file.count), count ?? UInt16(entries.count))
    file += directory + little(0x0605_4b50 as UInt32) + [0, 0, 0, 0] + little(count) + little(count)
    return file + little(directorySize ?? UInt32(directory.count)) + little(directoryOffset ?? start) + [0, 0]
  }
}

/// A number's bytes, least significant first.
func little(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { Array($0) } }
