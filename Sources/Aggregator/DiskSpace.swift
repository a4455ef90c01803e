import Foundation

/// How full the file system of a path is.
public struct DiskSpace: Hashable, Sendable {
  /// What this user may still write.
  public var freeBytes: UInt64
  public var sizeBytes: UInt64

  public init(freeBytes: UInt64 = 0, sizeBytes: UInt64 = 0) {
    (self.freeBytes, self.sizeBytes) = (freeBytes, sizeBytes)
  }

  /// Zeros where it cannot be had: a measurement is no reason to stop.
  init(of directory: URL) {
    var statistics = statvfs()
    guard statvfs(directory.path, &statistics) == 0 else {
      self.init()
      return
    }
    let block = UInt64(statistics.f_frsize)
    self.init(freeBytes: UInt64(statistics.f_bavail) &* block, sizeBytes: UInt64(statistics.f_blocks) &* block)
  }
}
