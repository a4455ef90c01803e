import Foundation
import SonarModel

enum EmbeddedModel {
  static let directory = ModelDirectory(
    name: "sonar-mini",
    url: URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../models/sonar-mini")
      .standardizedFileURL)
}
