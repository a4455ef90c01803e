import ArgumentParser
import Foundation

/// Bounds that a process sets itself which another one runs for it.
struct ChildLimits: ParsableArguments {
  @Option(help: .hidden) var memoryLimit: UInt?
  @Option(help: .hidden) var nice: Int32?

  /// - Throws: `CommandError` where the system does not set them.
  func apply() throws {
    if let memoryLimit {
      var limit = rlimit(rlim_cur: rlim_t(memoryLimit), rlim_max: rlim_t(memoryLimit))
      guard setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0 else {
        throw CommandError("memory cannot be limited to \(memoryLimit) bytes: \(String(cString: strerror(errno)))")
      }
    }
    if let nice { _ = Foundation.nice(nice) }
  }
}
