import Foundation

/// A job as it is sent: `Submission` in openapi.yaml.
public struct JobSubmission: Encodable, Sendable {
  /// The file's name, for messages.
  public let file: String
  public let text: String
  /// The files it names, by their path as it stands there.
  public let assets: [String: Data]

  public init(file: String, text: String, assets: [String: Data] = [:]) {
    (self.file, self.text, self.assets) = (file, text, assets)
  }

  package func encoded() throws -> Data {
    let encoder = JSONEncoder()
    encoder.dataEncodingStrategy = .base64
    encoder.outputFormatting = .withoutEscapingSlashes
    return try encoder.encode(self)
  }
}
