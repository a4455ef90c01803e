import Crypto
import Foundation

/// A file a job depends on, named by its content.
public struct AssetReference: Hashable, Sendable, Codable {
  /// Lower-case hex.
  public let sha256: String

  public init(sha256: String) { self.sha256 = sha256 }

  public init(of content: Data) {
    sha256 = SHA256.hash(data: content).map { String(format: "%02x", $0) }.joined()
  }
}

/// The contents of a job's assets.
public struct Assets: Sendable {
  private var contents: [AssetReference: Data] = [:]

  public init() {}

  /// Keeps only what hashes to its name; throws where something does not.
  public init(checking contents: [AssetReference: Data]) throws {
    for (reference, content) in contents where AssetReference(of: content) != reference {
      throw SweepError("the asset \(reference.sha256) arrived damaged: its content has another SHA-256")
    }
    self.contents = contents
  }

  public var all: [AssetReference: Data] { contents }

  @discardableResult
  public mutating func add(_ content: Data) -> AssetReference {
    let reference = AssetReference(of: content)
    contents[reference] = content
    return reference
  }

  /// Throws `SweepError` where the asset is missing.
  public func content(of reference: AssetReference) throws -> Data {
    guard let content = contents[reference] else { throw SweepError("the asset \(reference.sha256) is missing") }
    return content
  }
}
