import Foundation
import Yams

/// `config.yaml`: `coordinator`, and `token` or `token_file`; `ca_file`.
struct ConfigurationFile {
  let coordinator: String?
  let token: String?
  /// With the file's own directory before a relative path.
  let tokenFile: String?
  let certificateAuthority: String?

  private static let keys = ["coordinator", "token", "token_file", "ca_file"]

  init(_ source: ConfigurationSource, path: String) throws {
    func refuse(_ reason: String) -> FleetClientError { FleetClientError(.configuration, "\(path): \(reason)") }
    let node: Node?
    do {
      node = try Yams.compose(yaml: source.text)
    } catch {
      throw refuse("not valid YAML: \(error)")
    }
    var values: [String: String] = [:]
    switch node {
    case nil: break
    case .mapping(let pairs)?:
      for (key, value) in pairs {
        guard let name = key.string, Self.keys.contains(name) else {
          throw refuse("unknown key '\(key.string ?? "?")'; known are \(Self.keys.joined(separator: ", "))")
        }
        guard let text = value.scalar?.string, !text.isEmpty else { throw refuse("'\(name)' needs a text") }
        values[name] = text
      }
    default: throw refuse("a mapping is needed, as 'coordinator: http://127.0.0.1:5780'")
    }
    if values["token"] != nil {
      guard values["token_file"] == nil else { throw refuse("give token or token_file, not both") }
      try source.checkSecrecy(of: path)
    }
    func besides(_ file: String) -> String {
      file.hasPrefix("/") ? file : URL(filePath: path).deletingLastPathComponent().appending(path: file).path
    }
    (coordinator, token) = (values["coordinator"], values["token"])
    (tokenFile, certificateAuthority) = (values["token_file"].map(besides), values["ca_file"].map(besides))
  }
}
