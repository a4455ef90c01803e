import Foundation
import TestSupport

/// Damage to one file of a store.
enum Mutation {
  /// Damages a file chosen by chance and says what was done.
  static func apply(to store: URL, using random: inout SplitMix64) throws -> String {
    let files = try FileManager.default.subpathsOfDirectory(atPath: store.path).sorted().filter {
      var isDirectory: ObjCBool = false
      let exists = FileManager.default.fileExists(atPath: store.appending(path: $0).path, isDirectory: &isDirectory)
      return exists && !isDirectory.boolValue
    }
    // Every second time the catalogue: it is one file among many.
    let isCatalogue = random.next() % 2 == 0
    let chosen = files.filter { $0.hasPrefix("catalogue.sqlite") == isCatalogue }
    guard let name = chosen.randomElement(using: &random) else { return "nothing" }
    let file = store.appending(path: name)
    var bytes = [UInt8](try Data(contentsOf: file))
    let place = bytes.isEmpty ? 0 : Int(random.next() % UInt64(bytes.count))
    let what: String
    switch random.next() % 8 {
    case 0:
      try FileManager.default.removeItem(at: file)
      return "\(name) removed"
    case 1:
      bytes.removeLast(bytes.count - place)
      what = "cut to \(place)"
    case 2:
      bytes += [UInt8](repeating: UInt8(truncatingIfNeeded: random.next()), count: 1 + Int(random.next() % 5000))
      what = "made longer"
    case 3:
      let end = min(bytes.count, place + 1 + Int(random.next() % 4096))
      for i in place..<end { bytes[i] = UInt8(truncatingIfNeeded: random.next()) }
      what = "noise in \(place)..<\(end)"
    default:
      let bit = UInt8(1) << UInt8(random.next() % 8)
      if !bytes.isEmpty { bytes[place] ^= bit }
      what = "bit \(bit) of byte \(place) flipped"
    }
    try Data(bytes).write(to: file)
    return "\(name) \(what)"
  }

  /// Flips a byte.
  static func flip(_ file: URL, byte: Int) throws {
    var bytes = [UInt8](try Data(contentsOf: file))
    bytes[byte] ^= 0xFF
    try Data(bytes).write(to: file)
  }
}
