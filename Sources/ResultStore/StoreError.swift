import Foundation

/// A result store that cannot be read or written: what failed, on which file, and why.
public struct StoreError: Error, CustomStringConvertible {
  public enum Code: Hashable, Sendable {
    /// The operating system refused, with this `errno`.
    case system(Int32)
    /// Another process writes to the store.
    case locked
    /// The directory holds something else than expected.
    case mismatch
    /// A record does not fit the job.
    case badRecord
  }

  public let code: Code
  public let description: String

  public init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }

  /// The calling thread's last `errno`.
  static func system(_ action: String) -> StoreError {
    let code = errno
    return StoreError(.system(code), "cannot \(action): \(String(cString: strerror(code)))")
  }
}
