import Foundation
import GRDB

/// A result store that cannot be read or written: what failed, on which file, and why.
public struct StoreError: Error, CustomStringConvertible {
  public enum Code: Hashable, Sendable {
    /// The operating system refused, with this `errno`.
    case system(Int32)
    /// SQLite was refused something by the operating system; its result code, as `SQLITE_FULL`.
    case catalogue(Int32)
    /// What is stored is not what was written.
    case damaged
    /// Another process writes to the store.
    case locked
    /// The directory holds something else than expected.
    case mismatch
    /// A record does not fit the job.
    case badRecord(BadRecord)
  }

  /// In what way a record does not fit its job. The raw value is the word in the catalogue.
  public enum BadRecord: String, Hashable, Sendable {
    case outsideTheSweep = "outside-the-sweep"
    case seconds
    case embeddingLength = "embedding-length"
    case notFinite = "not-finite"
    case states
    case score
    case languages
    case expectation
    case fingerprint
  }

  public let code: Code
  public let description: String

  public init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }

  /// Whether it may pass by itself, as a full disk does, so that trying again makes sense.
  public var isStorageProblem: Bool {
    switch code {
    case .system, .catalogue, .locked: true
    case .damaged, .mismatch, .badRecord: false
    }
  }

  /// The calling thread's last `errno`.
  static func system(_ action: String) -> StoreError {
    let code = errno
    return StoreError(.system(code), "cannot \(action): \(String(cString: strerror(code)))")
  }

  /// Runs a body that reads or writes a catalogue. Its `DatabaseError`s become `catalogue` errors where the operating
  /// system is at fault, else `damaged`.
  static func translating<Result>(_ path: String, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as DatabaseError {
      let text = "\(path): \(error.message ?? "error") (SQLite's code \(error.extendedResultCode.rawValue))"
      throw StoreError(
        fromOutside.contains(error.resultCode) ? .catalogue(error.extendedResultCode.rawValue) : .damaged, text)
    } catch let error as RowDecodingError {
      throw StoreError(.damaged, "\(path): \(error)")
    }
  }

  /// What SQLite reports of its surroundings rather than of the file's content.
  private static let fromOutside: [ResultCode] = [
    .SQLITE_FULL, .SQLITE_IOERR, .SQLITE_CANTOPEN, .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_NOMEM, .SQLITE_PERM,
    .SQLITE_READONLY, .SQLITE_AUTH, .SQLITE_PROTOCOL, .SQLITE_NOLFS, .SQLITE_INTERRUPT,
  ]
}
