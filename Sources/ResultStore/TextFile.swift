import Foundation

/// Text files beside a run's results.
public enum TextFile {
  /// Creates a file, or replaces it in one step, durably. Makes the directory it lies in where that is missing.
  public static func write(_ text: String, to url: URL) throws {
    try DurableFile.makeDirectory(url.deletingLastPathComponent().path)
    try DurableFile.write(Data(text.utf8), to: url.path)
  }
}
