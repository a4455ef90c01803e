import Foundation

/// Reads a Hugging Face port: a safetensors file, a `model.safetensors.index.json` with the shards it names, or a
/// directory with either.
enum HuggingFaceCheckpoint {
  private static let index = "model.safetensors.index.json"
  private static let single = "model.safetensors"
  private static let maximumIndex = 32 << 20
  private static let maximumShards = 1000

  /// A directory. Throws `ModelError`.
  static func read(directory: URL) throws -> Checkpoint {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
    if names.contains(index) { return try read(index: InputFile(directory.appending(path: index))) }
    if names.contains(single) { return try read(InputFile(directory.appending(path: single))) }
    let files = names.filter { $0.hasSuffix(".safetensors") }.sorted()
    guard files.count == 1 else {
      let there = files.isEmpty ? "" : "; it has \(files.prefix(5).joined(separator: ", ")): name one of them"
      throw ModelError("\(directory.path) has neither \(single) nor \(index)\(there)")
    }
    return try read(InputFile(directory.appending(path: files[0])))
  }

  /// A safetensors file. Throws `ModelError`.
  static func read(_ file: InputFile) throws -> Checkpoint {
    checkpoint(path: file.path, tensors: try tensors(in: file), files: [file])
  }

  /// An index, whose shards lie beside it. Throws `ModelError`.
  static func read(index file: InputFile) throws -> Checkpoint {
    func bad(_ reason: String) -> ModelError { ModelError("\(file.path) is not an index of shards: \(reason)") }
    let json = Data(try file.all(atMost: maximumIndex))
    guard let index = try? JSONSerialization.jsonObject(with: json) as? [String: Any],
      let map = index["weight_map"] as? [String: String], !map.isEmpty
    else { throw bad("it has no weight_map of tensor names to file names") }
    let shards = Set(map.values).sorted()
    guard shards.count <= maximumShards else { throw bad("it names \(shards.count) files") }
    var all: [String: Checkpoint.Tensor] = [:]
    var files: [InputFile] = []
    for shard in shards {
      guard !shard.contains("/"), shard.hasSuffix(".safetensors") else {
        throw bad("'\(printable(shard))' is not the name of a safetensors file beside it")
      }
      let shardFile = try InputFile(file.url.deletingLastPathComponent().appending(path: shard))
      files.append(shardFile)
      for (name, tensor) in try tensors(in: shardFile) {
        guard all.updateValue(tensor, forKey: name) == nil else { throw bad("tensor '\(name)' is in two of its files") }
      }
    }
    for (name, shard) in map where all[name]?.file.url.lastPathComponent != shard {
      throw bad("tensor '\(printable(name))' is not in \(shard)")
    }
    return checkpoint(path: file.path, tensors: all, files: files)
  }

  private static func tensors(in file: InputFile) throws -> [String: Checkpoint.Tensor] {
    let prefix = try file.bytes(0..<min(file.size, SafetensorsHeader.lengthSize))
    let length = try SafetensorsHeader.length(from: prefix, fileSize: file.size, path: file.path)
    let json = try file.bytes(SafetensorsHeader.lengthSize..<SafetensorsHeader.lengthSize + length)
    let header = try SafetensorsHeader(json: json, fileSize: file.size, path: file.path)
    return header.entries.mapValues { Checkpoint.Tensor(file: file, type: $0.type, shape: $0.shape, bytes: $0.bytes) }
  }

  /// Safetensors may hold fairseq2's names too: a model imported before, or the embedded one.
  private static func checkpoint(path: String, tensors: [String: Checkpoint.Tensor], files: [InputFile]) -> Checkpoint {
    let isFairseq2 = tensors.keys.contains { $0.contains("coder_frontend.embed.weight") }
    return Checkpoint(path: path, form: isFairseq2 ? .fairseq2 : .huggingFace, tensors: tensors, files: files)
  }
}
