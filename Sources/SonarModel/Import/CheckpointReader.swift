import Foundation

/// Tells checkpoints apart by what they hold, not by their names.
enum CheckpointReader {
  /// Throws `ModelError` for what cannot be read, is damaged, or is of a form that is not known.
  static func read(_ url: URL) throws -> Checkpoint {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isDirectory) else {
      throw ModelError("\(url.path) does not exist")
    }
    if isDirectory.boolValue { return try HuggingFaceCheckpoint.read(directory: url) }
    let file = try InputFile(url)
    let start = try file.bytes(0..<min(file.size, 16))
    if start.starts(with: [0x50, 0x4B]) { return try TorchCheckpoint.read(file) }
    if start.first == UInt8(ascii: "{") { return try HuggingFaceCheckpoint.read(index: file) }
    if start.count > 8, start[8] == UInt8(ascii: "{") { return try HuggingFaceCheckpoint.read(file) }
    // A pickle of its own; torch wrote its files so until version 1.6.
    if start.first == 0x80, start.count > 1, (2...5).contains(start[1]) {
      throw ModelError(
        "\(url.path) is a torch file of before version 1.6, or another pickle; where you trust it, convert it with "
          + "Python: torch.save(torch.load(\"old.pt\", map_location=\"cpu\"), \"new.pt\")")
    }
    throw ModelError(
      "\(url.path) is no checkpoint of a known form: a .pt file of fairseq2 or fairseq, or safetensors")
  }
}
