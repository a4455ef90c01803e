import Foundation
import Yams

/// The interface's description.
package enum OpenAPIDocument {
  package static var yaml: [UInt8] { PackageResources.openapi_yaml }

  /// The document in JSON.
  ///
  /// - Throws: `YamlError` where it is not YAML.
  static func json(_ yaml: [UInt8]) throws -> [UInt8] {
    let document = try Yams.load(yaml: String(decoding: yaml, as: UTF8.self)) ?? [:]
    return Array(
      try JSONSerialization.data(withJSONObject: document, options: [.sortedKeys, .withoutEscapingSlashes]))
  }
}
