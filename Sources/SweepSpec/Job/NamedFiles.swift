import Foundation
import Yams

/// The files beside a job that it names, found without its model: what it takes to check the job on another machine.
public struct NamedFiles: Sendable {
  /// By their path as it stands in the job.
  public private(set) var contents: [String: Data] = [:]
  /// What cannot be read. Whether it is a mistake is known once the job is checked: an axis may be called 'file'.
  public private(set) var unreadable: [Diagnostic] = []

  /// More values than this have no hand-written job; a few lines of aliases within aliases may stand for more.
  private static let largestWalk = 1_000_000

  /// - Parameter text: the content of the job file at `url`. In one that is no YAML nothing is found.
  public init(in text: String, of url: URL) {
    let diagnostics = Diagnostics(file: url.lastPathComponent)
    guard let root = try? JobFile.parse(text, Diagnostics(file: url.lastPathComponent)) else { return }
    let context = JobContext(
      tokenizer: nil, config: nil, directory: url.deletingLastPathComponent(), diagnostics: diagnostics)
    var waiting = [YAMLValue(node: root.node, key: "", diagnostics: diagnostics)]
    var seen = 0
    while let value = waiting.popLast(), seen < Self.largestWalk {
      seen += 1
      for (key, child) in value.children {
        waiting.append(child)
        guard key == "file" else { continue }
        let name = child.isScalar ? child : child.children.first { $0.key == "path" && $0.value.isScalar }?.value
        guard let name, contents[name.text] == nil else { continue }
        contents[name.text] = context.content(of: name)
      }
    }
    unreadable = diagnostics.all
  }
}

extension YAMLValue {
  /// The values below this one, with the keys of a mapping's.
  fileprivate var children: [(key: String?, value: YAMLValue)] {
    switch node {
    case .mapping(let pairs):
      let mapping = YAMLMapping(pairs, of: self)
      return pairs.compactMap { pair in
        let key = pair.key.string ?? "?"
        return mapping.optional(key).map { (key, $0) }
      }
    case .sequence(let items):
      return items.enumerated().map { (nil, YAMLValue(node: $1, key: "\(key)[\($0)]", diagnostics: diagnostics)) }
    default: return []
    }
  }
}
