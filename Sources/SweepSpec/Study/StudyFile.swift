import Foundation
import Yams

/// A study's YAML file.
public enum StudyFile {
  /// Whether a YAML file lists jobs, and so is a study and no job.
  public static func isStudy(_ url: URL) -> Bool {
    guard let text = try? String(contentsOf: url, encoding: .utf8),
      case .mapping(let pairs)? = try? Yams.compose(yaml: text)
    else { return false }
    return pairs.contains { $0.key.string == "jobs" }
  }

  /// Reads and checks a study, but not its jobs. Throws `JobError` with every mistake.
  public static func load(_ url: URL) throws -> Study {
    try JobFile.read(url) { StudyReader().read($0) }
  }
}
