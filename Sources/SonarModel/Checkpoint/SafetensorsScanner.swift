/// Reads the JSON of a safetensors header: an object of tensors, each an object of `dtype`, `shape` and `data_offsets`,
/// and `__metadata__`, an object of texts.
///
/// It knows this one form instead of JSON at large, so nothing can nest, and memory stays near the header's size. A
/// name that stands twice is an error, where a general parser would silently take one of the two.
struct SafetensorsScanner {
  struct Description {
    var type = ""
    var shape: [Int] = []
    var offsets: [Int] = []
  }

  struct Problem: Error, CustomStringConvertible {
    let description: String
  }

  private static let maximumTensors = 100_000
  private static let maximumDimensions = 8

  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Throws `Problem`.
  mutating func scan() throws -> [String: Description] {
    var tensors: [String: Description] = [:]
    var hasMetadata = false
    try object { scanner, name in
      if name == "__metadata__" {
        guard !hasMetadata else { throw Problem(description: "its header has __metadata__ twice") }
        hasMetadata = true
        try scanner.object { scanner, _ in _ = try scanner.text() }
        return
      }
      let tensor = try scanner.tensor(name)
      guard tensors.updateValue(tensor, forKey: name) == nil else {
        throw Problem(description: "its header has tensor '\(name)' twice")
      }
      guard tensors.count <= Self.maximumTensors else {
        throw Problem(description: "its header has more than \(Self.maximumTensors) tensors")
      }
    }
    skipSpace()
    guard position == bytes.count else { throw problem("something follows the header's object") }
    return tensors
  }

  private mutating func tensor(_ name: String) throws -> Description {
    var result = Description()
    var seen: Set<String> = []
    try object { scanner, key in
      guard seen.insert(key).inserted else { throw Problem(description: "tensor '\(name)' has '\(key)' twice") }
      switch key {
      case "dtype": result.type = try scanner.text()
      case "shape": result.shape = try scanner.integers(atMost: Self.maximumDimensions)
      case "data_offsets": result.offsets = try scanner.integers(atMost: 2)
      default: throw Problem(description: "tensor '\(name)' has the unknown key '\(key)'")
      }
    }
    guard seen.count == 3 else {
      throw Problem(description: "tensor '\(name)' is not described by dtype, shape and data_offsets")
    }
    return result
  }

  /// An object; `member` reads each value.
  private mutating func object(_ member: (inout Self, String) throws -> Void) throws {
    try expect(UInt8(ascii: "{"), "an object")
    if take(UInt8(ascii: "}")) { return }
    repeat {
      let name = try text()
      try expect(UInt8(ascii: ":"), "':'")
      try member(&self, name)
    } while take(UInt8(ascii: ","))
    try expect(UInt8(ascii: "}"), "',' or '}'")
  }

  private mutating func integers(atMost limit: Int) throws -> [Int] {
    try expect(UInt8(ascii: "["), "a list of whole numbers")
    if take(UInt8(ascii: "]")) { return [] }
    var result: [Int] = []
    repeat {
      guard result.count < limit else { throw problem("a list of more than \(limit) numbers") }
      result.append(try integer())
    } while take(UInt8(ascii: ","))
    try expect(UInt8(ascii: "]"), "',' or ']'")
    return result
  }

  private mutating func integer() throws -> Int {
    skipSpace()
    let digits = bytes[position...].prefix(20).prefix { $0 == UInt8(ascii: "-") || (0x30...0x39).contains($0) }
    guard let value = Int(String(decoding: digits, as: UTF8.self)) else { throw problem("no whole number") }
    position += digits.count
    return value
  }

  private mutating func text() throws -> String {
    try expect(UInt8(ascii: "\""), "a text")
    var units: [UInt8] = []
    while true {
      let byte = try next()
      switch byte {
      case UInt8(ascii: "\""):
        guard let text = String(validating: units, as: UTF8.self) else { throw problem("text that is not UTF-8") }
        return text
      case UInt8(ascii: "\\"): units += try escape()
      case 0..<0x20: throw problem("a control character in a text")
      default: units.append(byte)
      }
    }
  }

  private mutating func escape() throws -> [UInt8] {
    switch try next() {
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0C]
    case UInt8(ascii: "u"):
      var units = [try codeUnit()]
      if UTF16.isLeadSurrogate(units[0]) {
        guard try next() == UInt8(ascii: "\\"), try next() == UInt8(ascii: "u") else {
          throw problem("half a character")
        }
        units.append(try codeUnit())
      }
      guard let text = String(validating: units, as: UTF16.self) else { throw problem("half a character") }
      return Array(text.utf8)
    case let byte where [UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/")].contains(byte): return [byte]
    default: throw problem("an unknown escape in a text")
    }
  }

  private mutating func codeUnit() throws -> UInt16 {
    var value: UInt16 = 0
    for _ in 0..<4 {
      guard let digit = Character(UnicodeScalar(try next())).hexDigitValue else { throw problem("an unknown escape") }
      value = value << 4 | UInt16(digit)
    }
    return value
  }

  private mutating func next() throws -> UInt8 {
    guard position < bytes.count else { throw problem("its end") }
    defer { position += 1 }
    return bytes[position]
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    skipSpace()
    guard position < bytes.count, bytes[position] == byte else { return false }
    position += 1
    return true
  }

  private mutating func expect(_ byte: UInt8, _ what: String) throws {
    guard take(byte) else { throw problem("something else than \(what)") }
  }

  private mutating func skipSpace() {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x09, 0x0A, 0x0D: position += 1
      default: return
      }
    }
  }

  private func problem(_ found: String) -> Problem {
    Problem(description: "its header has \(found) at byte \(position)")
  }
}
