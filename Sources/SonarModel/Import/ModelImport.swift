import Crypto
import Foundation

/// Makes a model directory of checkpoints of SONAR's form: fairseq2's or fairseq's `.pt` files, or a Hugging Face port.
///
/// Nothing in a checkpoint is executed. Weights keep their element type (F32, F16 or BF16) and go through memory in
/// pieces of 4 MiB. The directory appears complete or not at all.
public struct ModelImport: Sendable {
  private let encoder, decoder, tokenizer: URL
  private let config: URL?
  private let name: String

  /// - Parameters:
  ///   - encoder: a `.pt` file, a safetensors file, an index of shards, or a directory; may be the decoder's too.
  ///   - tokenizer: a SentencePiece model.
  ///   - config: heads and languages; nil takes the port's own, or SONAR basic's.
  ///   - name: of the model: letters, digits, dots, dashes and underscores, not a dot first.
  public init(encoder: URL, decoder: URL, tokenizer: URL, config: URL? = nil, name: String) {
    (self.encoder, self.decoder, self.tokenizer) = (encoder, decoder, tokenizer)
    (self.config, self.name) = (config, name)
  }

  /// Reads the checkpoints' headers, finds every tensor and checks it against the config; writes nothing.
  ///
  /// Throws `ModelError`, or `TokenizerError` for a tokenizer that is none.
  public func plan() throws -> ImportPlan {
    try checkName()
    let encoderCheckpoint = try CheckpointReader.read(encoder)
    let decoderCheckpoint = encoder == decoder ? encoderCheckpoint : try CheckpointReader.read(decoder)
    return try ImportPlanner(
      encoder: HalfTensors(.encoder, in: encoderCheckpoint), decoder: HalfTensors(.decoder, in: decoderCheckpoint),
      tokenizer: InputFile(tokenizer), configFile: config
    ).plan()
  }

  /// Writes the model into `directory/name`.
  ///
  /// - Parameters:
  ///   - directory: holds one directory per model; made where it is missing.
  ///   - replacing: whether a model of that name may be replaced.
  ///   - progress: called every 4 MiB; what it throws stops the import, and nothing is left behind.
  public func write(
    into directory: URL, replacing: Bool = false, progress: (ImportProgress) throws -> Void = { _ in }
  ) throws -> ModelDirectory {
    let plan = try plan()
    let target = ModelDirectory(name: name, url: directory.appending(path: name))
    try checkTarget(target, replacing: replacing)
    let staging = try StagingDirectory(in: directory, name: name)
    do {
      try checkRoom(for: plan, in: directory)
      try fill(ModelDirectory(name: name, url: staging.url), plan, progress)
      try staging.publish(as: name, replacing: replacing)
    } catch {
      staging.discard()
      throw error
    }
    return target
  }

  private func checkName() throws {
    let allowed = name.utf8.allSatisfy { byte in
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "._-".utf8.contains(byte)
    }
    guard allowed, !name.isEmpty, name.utf8.count <= 100, !name.hasPrefix(".") else {
      throw ModelError(
        "'\(printable(name))' is no name for a model: letters, digits, dots, dashes and underscores, not a dot first")
    }
  }

  private func checkTarget(_ target: ModelDirectory, replacing: Bool) throws {
    guard FileManager.default.fileExists(atPath: target.url.path) else { return }
    guard replacing else {
      throw ModelError(
        "\(target.url.path) exists already; name another model by --name, or replace this one with --replace")
    }
    try target.checkRemovable()
  }

  private func checkRoom(for plan: ImportPlan, in directory: URL) throws {
    var status = statvfs()
    guard statvfs(directory.path, &status) == 0 else { return }
    let free = Int(status.f_bavail) * Int(status.f_frsize)
    let needed = plan.byteCount + plan.tokenizer.size + (1 << 20)
    guard free >= needed else {
      throw ModelError(
        "\(directory.path) has \(free >> 20) MiB free; the model needs \(needed >> 20) MiB. Nothing was left behind")
    }
  }

  /// Writes all files of the model, each on disk when this returns.
  private func fill(_ model: ModelDirectory, _ plan: ImportPlan, _ progress: (ImportProgress) throws -> Void) throws {
    let total = plan.sources.reduce(plan.byteCount) { $0 + $1.size }
    var done = 0
    func advance(_ phase: ImportProgress.Phase, _ bytes: Int) throws {
      done += bytes
      try progress(ImportProgress(phase: phase, done: done, total: total))
    }
    // First, and with the same checks as any model's: an import that could not be loaded is none.
    let config = try write(plan.config.json(), "config.json", model)
    _ = try model.config()
    var sources = try plan.sources.map { file in
      let isEncoder = plan.encoder.files.contains { $0.path == file.path }
      let isDecoder = plan.decoder.files.contains { $0.path == file.path }
      return ModelCard.Source(
        role: isEncoder && isDecoder ? "encoder and decoder" : isEncoder ? "encoder" : "decoder", file: file,
        sha256: try sha256(of: file) { try advance(.hashing, $0) })
    }
    let weights = try SafetensorsWriter(tensors: plan.tensors).write(to: model.url.appending(path: "model.safetensors"))
    { try advance(.writing, $0) }
    let tokenizerFile = try OutputFile(model.url.appending(path: "sentencepiece.model"))
    try TensorBytes.forEach(0..<plan.tokenizer.size, of: plan.tokenizer) { try tokenizerFile.write($0) }
    let tokenizerHash = try tokenizerFile.finish()
    sources.append(ModelCard.Source(role: "tokenizer", file: plan.tokenizer, sha256: tokenizerHash))
    let outputs = [("config.json", config), ("model.safetensors", weights), ("sentencepiece.model", tokenizerHash)]
    let sums = outputs.map { "\($0.1)  \($0.0)\n" }.joined()
    _ = try write(Data(sums.utf8), "SHA256SUMS", model)
    let card = ModelCard(name: name, plan: plan, sources: sources, outputs: outputs.map { (file: $0.0, sha256: $0.1) })
    _ = try write(Data(card.text().utf8), "README.md", model)
  }

  private func write(_ bytes: Data, _ name: String, _ model: ModelDirectory) throws -> String {
    let file = try OutputFile(model.url.appending(path: name))
    try file.write(bytes)
    return try file.finish()
  }

  private func sha256(of file: InputFile, advance: (Int) throws -> Void) throws -> String {
    var hash = SHA256()
    try TensorBytes.forEach(0..<file.size, of: file) { piece in
      hash.update(bufferPointer: piece)
      try advance(piece.count)
    }
    return hash.finalize().hex
  }
}
