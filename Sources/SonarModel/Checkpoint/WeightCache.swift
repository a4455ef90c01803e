import Crypto
import Foundation
import TensorKernels

/// A directory of the user's in which packed weights are kept, so that processes share them and start without packing,
/// and in which hashes of large files are remembered.
public struct WeightCache: Sendable {
  public let directory: URL

  public init(directory: URL) { self.directory = directory }

  /// - Parameter environment: `SONARSWEEP_CACHE` names the directory, or is `off`; else it is `sonarsweep` in
  ///   `XDG_CACHE_HOME` or `~/.cache`. Nil where it is off or there is no home.
  public init?(environment: [String: String]) {
    if let named = environment["SONARSWEEP_CACHE"], !named.isEmpty {
      guard named != "off" else { return nil }
      directory = URL(filePath: named)
    } else if let cache = environment["XDG_CACHE_HOME"], cache.hasPrefix("/") {
      directory = URL(filePath: cache).appending(path: "sonarsweep")
    } else if let home = environment["HOME"], home.hasPrefix("/") {
      directory = URL(filePath: home).appending(path: ".cache/sonarsweep")
    } else {
      return nil
    }
  }

  /// Where a model's packed weights are, in a precision, for this processor and version of oneDNN. `fingerprint` says
  /// which model and precision.
  public func url(for fingerprint: ModelFingerprint) -> URL {
    directory.appending(path: "\(fingerprint.rawValue.prefix(32))-\(CPUBackend.packingIdentity).packed")
  }

  /// The packed weights, or nil where the directory cannot be used: then every process packs for itself.
  func file(for fingerprint: ModelFingerprint) -> PackedFile? {
    guard makeDirectory() else { return nil }
    return try? PackedFile(url(for: fingerprint))
  }

  /// Removes the packed weights of a model that is about to go. Those it has were made from files whose hashes are
  /// remembered, so nothing is read.
  public func removeWeights(of model: ModelDirectory) {
    for precision in Precision.allCases {
      guard
        let fingerprint = try? model.fingerprint(
          precision, sha256: { try sha256(of: $0) { throw ModelError("its hash is not remembered") } })
      else { return }
      for file in [url(for: fingerprint).path, url(for: fingerprint).path + ".lock"] { unlink(file) }
    }
  }

  /// The SHA-256 of a file as remembered from when it last had this size, time of change and place, or as `compute`
  /// gives it.
  func sha256(of file: URL, compute: () throws -> String) throws -> String {
    guard let stamp = FileStamp(file) else { return try compute() }
    let name = SHA256.hash(data: Data(file.path.utf8)).prefix(16).map { String(format: "%02x", $0) }.joined()
    let record = directory.appending(path: "\(name).sha256")
    if let data = try? Data(contentsOf: record), let known = try? JSONDecoder().decode(Known.self, from: data),
      known.stamp == stamp
    {
      return known.sha256
    }
    let sum = try compute()
    if makeDirectory(), let data = try? JSONEncoder().encode(Known(stamp: stamp, sha256: sum)) {
      try? data.write(to: record, options: .atomic)
    }
    return sum
  }

  private func makeDirectory() -> Bool {
    (try? FileManager.default.createDirectory(
      at: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])) != nil
  }

  private struct Known: Codable {
    let stamp: FileStamp
    let sha256: String
  }

  /// What changes when a file's content does.
  private struct FileStamp: Codable, Equatable {
    let device: UInt64
    let inode: UInt64
    let size: Int64
    let modified: Int64
    let changed: Int64

    init?(_ file: URL) {
      var status = stat()
      guard stat(file.path, &status) == 0 else { return nil }
      device = UInt64(status.st_dev)
      inode = UInt64(status.st_ino)
      size = Int64(status.st_size)
      modified = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
      changed = Int64(status.st_ctim.tv_sec) * 1_000_000_000 + Int64(status.st_ctim.tv_nsec)
    }
  }
}
