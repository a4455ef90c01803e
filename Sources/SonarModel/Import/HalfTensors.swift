/// One half's tensors, found in a checkpoint under whichever names its form uses.
struct HalfTensors {
  private static let maximumLayers = 1000

  let half: ModelHalf
  let checkpoint: Checkpoint
  private let prefix: String
  let layers: Int
  let modelDim: Int
  let vocabulary: Int
  let feedForwardDim: Int
  let table: Checkpoint.Tensor

  /// Throws `ModelError`, with the names that were looked for, where the checkpoint does not hold this half.
  init(_ half: ModelHalf, in checkpoint: Checkpoint) throws {
    guard let prefix = Self.prefix(of: half, in: checkpoint) else { throw Self.missing(half, in: checkpoint) }
    self.half = half
    self.checkpoint = checkpoint
    self.prefix = prefix
    layers = try Self.countLayers(half, in: checkpoint, prefix: prefix)
    let names = CheckpointNames.tables(of: half, in: checkpoint.form, prefix: prefix)
    table = try Self.first(names, in: checkpoint, half)
    guard table.shape.count == 2 else {
      throw ModelError("\(checkpoint.path): the \(half)'s embedding table has shape \(table.shape), not [rows, dim]")
    }
    (vocabulary, modelDim) = (table.shape[0], table.shape[1])
    let isFairseq2 = checkpoint.form == .fairseq2
    let first = Self.layer(0, half, checkpoint.form, prefix)
    let inner = try Self.first(["\(first).\(isFairseq2 ? "ffn.inner_proj" : "fc1").weight"], in: checkpoint, half)
    guard inner.shape.count == 2 else {
      throw ModelError("\(checkpoint.path): \(first)'s first feed-forward matrix has shape \(inner.shape)")
    }
    feedForwardDim = inner.shape[0]
  }

  /// Every tensor but the table by fairseq2's name, checked for its shape. Throws for the first that is missing or
  /// differs.
  func all() throws -> [(name: String, tensor: Checkpoint.Tensor)] {
    var result: [(String, Checkpoint.Tensor)] = []
    for number in 0..<layers {
      let source = Self.layer(number, half, checkpoint.form, prefix)
      for part in CheckpointNames.layerParts(of: half) {
        let shape = part.shape(modelDim, feedForwardDim)
        let name = checkpoint.form == .fairseq2 ? part.fairseq2 : part.fairseq
        let target = "\(CheckpointNames.layer(number, of: half)).\(part.fairseq2)"
        result.append(("\(target).weight", try tensor("\(source).\(name).weight", shape)))
        result.append(("\(target).bias", try tensor("\(source).\(name).bias", [shape[0]])))
      }
    }
    let norm = CheckpointNames.finalNorm(of: half)
    let source = checkpoint.form == .fairseq2 ? norm : "layer_norm"
    for kind in ["weight", "bias"] {
      result.append(("\(norm).\(kind)", try tensor("\(prefix)\(source).\(kind)", [modelDim])))
    }
    return result
  }

  /// The output projection where the checkpoint has one; it must equal the table.
  var output: (name: String, tensor: Checkpoint.Tensor)? {
    guard half == .decoder else { return nil }
    for name in CheckpointNames.outputs(in: checkpoint.form, prefix: prefix) {
      if let tensor = checkpoint.tensors[name] { return (name, tensor) }
    }
    return nil
  }

  private func tensor(_ name: String, _ shape: [Int]) throws -> Checkpoint.Tensor {
    let tensor = try Self.first([name], in: checkpoint, half)
    guard tensor.shape == shape else {
      throw ModelError(
        "\(checkpoint.path): tensor '\(name)' has shape \(tensor.shape); with dim \(modelDim) and feed-forward "
          + "\(feedForwardDim) it would be \(shape)")
    }
    return tensor
  }

  private static func layer(_ number: Int, _ half: ModelHalf, _ form: Checkpoint.Form, _ prefix: String) -> String {
    prefix + (form == .fairseq2 ? CheckpointNames.layer(number, of: half) : "layers.\(number)")
  }

  private static func prefix(of half: ModelHalf, in checkpoint: Checkpoint) -> String? {
    CheckpointNames.prefixes(of: half, in: checkpoint.form).first { prefix in
      let layers = checkpoint.form == .fairseq2 ? "\(prefix)\(half).layers." : "\(prefix)layers."
      let names = checkpoint.tensors.keys.filter { $0.hasPrefix(layers) }
      guard !names.isEmpty else { return false }
      // Names without a prefix are the same in both halves, but only the decoder looks at another sequence.
      return checkpoint.form == .fairseq2 || names.contains { $0.contains(".encoder_attn.") } == (half == .decoder)
    }
  }

  private static func countLayers(_ half: ModelHalf, in checkpoint: Checkpoint, prefix: String) throws -> Int {
    let start = prefix + (checkpoint.form == .fairseq2 ? "\(half).layers." : "layers.")
    var last = 0
    for name in checkpoint.tensors.keys where name.hasPrefix(start) {
      guard let number = Int(name.dropFirst(start.count).prefix { $0 != "." }), (0..<maximumLayers).contains(number)
      else { throw ModelError("\(checkpoint.path): '\(printable(name))' is not a layer's tensor") }
      last = max(last, number)
    }
    return last + 1
  }

  private static func first(_ names: [String], in checkpoint: Checkpoint, _ half: ModelHalf) throws
    -> Checkpoint.Tensor
  {
    guard let name = names.first(where: checkpoint.has), let tensor = checkpoint.tensors[name] else {
      throw ModelError(
        "\(checkpoint.path): the \(half)'s tensor '\(names[0])' is missing"
          + (names.count > 1 ? "; looked for \(names.joined(separator: ", "))" : ""))
    }
    guard tensor.type.isWeight else {
      throw ModelError(
        "\(checkpoint.path): tensor '\(name)' has element type \(tensor.type.rawValue); F32, F16 and BF16 are imported")
    }
    return tensor
  }

  private static func missing(_ half: ModelHalf, in checkpoint: Checkpoint) -> ModelError {
    if prefix(of: half.other, in: checkpoint) != nil {
      return ModelError(
        "\(checkpoint.path) holds a \(half.other) and no \(half); were --encoder and --decoder swapped?")
    }
    let looked = CheckpointNames.prefixes(of: half, in: checkpoint.form).map {
      "\(layer(0, half, checkpoint.form, $0)).…"
    }
    let there = checkpoint.tensors.keys.sorted().prefix(5).map { printable($0) }.joined(separator: ", ")
    return ModelError(
      "\(checkpoint.path) has no layers of the \(half) (\(checkpoint.form.rawValue) names); looked for "
        + "\(looked.joined(separator: ", ")); it has \(there.isEmpty ? "no tensors" : there)")
  }
}
