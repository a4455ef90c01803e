/// How far an import is.
public struct ImportProgress: Sendable {
  public enum Phase: String, Sendable {
    /// The SHA-256 of the files given.
    case hashing
    case writing
  }

  public let phase: Phase
  /// Bytes read for hashes and written, of all there are.
  public let done: Int
  public let total: Int
}
