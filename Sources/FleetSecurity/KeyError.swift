/// Keys that cannot be used or made, and what to do about it. Never says anything of a secret.
public struct KeyError: Error, CustomStringConvertible {
  public enum Code: Hashable, Sendable {
    /// A file or directory is not there.
    case missing
    /// Others may read a secret, or change who may connect.
    case tooOpen
    /// A file does not hold what it should.
    case malformed
    /// There is such a name, key or directory already.
    case exists
    /// No key has that name.
    case unknownName
    /// A text that cannot be a name.
    case badName
    /// The operating system refused.
    case system
  }

  public let code: Code
  public let description: String

  package init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }
}
