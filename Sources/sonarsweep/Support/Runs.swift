import Foundation
import ResultStore

/// Runs on disk, as people name them.
enum Runs {
  /// The directory of the run whose id is, or starts with, `name`.
  static func find(_ name: String, in results: String) throws -> URL {
    let matches = ResultReader.runs(in: URL(filePath: results)).filter { $0.lastPathComponent.hasPrefix(name) }
    if let exact = matches.first(where: { $0.lastPathComponent == name }) { return exact }
    guard let match = matches.first else {
      throw CommandError(
        "no run in \(results) starts with '\(name)'; see: sonarsweep results list --results \(results)")
    }
    guard matches.count == 1 else {
      throw CommandError("'\(name)' could be \(matches.map(\.lastPathComponent).joined(separator: " or "))")
    }
    return match
  }
}
