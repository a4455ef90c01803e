import CZeroMQ

/// The public half of a CURVE key pair: 32 bytes, written in Z85 as 40 characters.
public struct CurvePublicKey: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  public let rawValue: String

  /// - Returns: nil unless it is a key in Z85.
  public init?(rawValue: String) {
    guard Z85.isKey(rawValue) else { return nil }
    self.rawValue = rawValue
  }

  /// - Returns: nil unless there are 32 bytes.
  init?(bytes: [UInt8]) {
    guard bytes.count == Z85.keyBytes else { return nil }
    var text = [CChar](repeating: 0, count: Z85.keyCharacters + 1)
    guard zmq_z85_encode(&text, bytes, bytes.count) != nil else { return nil }
    rawValue = Z85.string(text)
  }

  public var description: String { rawValue }
}

/// ZeroMQ's base 85 (RFC 32), for keys.
enum Z85 {
  static let keyBytes = 32
  static let keyCharacters = 40
  private static let alphabet = Set(
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#".utf8)

  static func isKey(_ text: String) -> Bool {
    guard text.utf8.count == keyCharacters, text.utf8.allSatisfy(alphabet.contains) else { return false }
    var bytes = [UInt8](repeating: 0, count: keyBytes)
    return zmq_z85_decode(&bytes, text) != nil
  }

  static func string(_ characters: [CChar]) -> String {
    String(decoding: characters.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
