import ArgumentParser
import Foundation

/// Writes a model directory of SONAR's full size with random weights, to measure speed and memory where Meta's weights are
/// not at hand. Its embeddings and decodes mean nothing.
@main
struct RandomModel: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "random-model")

  @Option(help: "The directory to make; it must not be there yet.") var output: String
  @Option(help: "A model whose tokenizer is copied; its pieces are the first of the vocabulary.") var tokenizer =
    "models/sonar-mini/sentencepiece.model"
  @Option(help: "Encoder layers, and decoder layers.") var layers = 24
  @Option(help: "Width of an embedding.") var dim = 1024
  @Option(help: "Width of the feed-forward layers.") var feedForward = 8192
  @Option(help: "Rows of the vocabulary.") var vocabulary = 256_206

  private struct Tensor {
    let name: String
    let shape: [Int]
    /// Values are uniform in mean ± spread.
    let mean: Float
    let spread: Float
    var bytes: Int { shape.reduce(4, *) }
  }

  func run() throws {
    let directory = URL(filePath: output)
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: false)
    try FileManager.default.copyItem(
      at: URL(filePath: tokenizer), to: directory.appending(path: "sentencepiece.model"))
    let config: [String: Any] = [
      "architecture": "sonar_text_basic", "model_dim": dim, "vocab_size": vocabulary, "num_encoder_layers": layers,
      "num_decoder_layers": layers, "num_heads": 16, "ffn_inner_dim": feedForward,
      "languages": ["eng_Latn", "spa_Latn"],
      "language_tokens": ["__eng_Latn__": vocabulary - 159, "__spa_Latn__": vocabulary - 45],
    ]
    try JSONSerialization.data(withJSONObject: config, options: [.sortedKeys, .prettyPrinted])
      .write(to: directory.appending(path: "config.json"))
    try write(tensors, to: directory.appending(path: "model.safetensors"))
  }

  private var tensors: [Tensor] {
    var result: [Tensor] = []
    func matrix(_ name: String, _ rows: Int, _ columns: Int) {
      // Of variance 1 / columns: states keep their size from layer to layer.
      let spread = (3 / Float(columns)).squareRoot()
      result.append(Tensor(name: "\(name).weight", shape: [rows, columns], mean: 0, spread: spread))
    }
    func linear(_ name: String, _ rows: Int, _ columns: Int) {
      matrix(name, rows, columns)
      result.append(Tensor(name: "\(name).bias", shape: [rows], mean: 0, spread: 0.1))
    }
    func norm(_ name: String) {
      result.append(Tensor(name: "\(name).weight", shape: [dim], mean: 1, spread: 0.2))
      result.append(Tensor(name: "\(name).bias", shape: [dim], mean: 0, spread: 0.1))
    }
    for side in ["encoder", "decoder"] {
      matrix("\(side).\(side)_frontend.embed", vocabulary, dim)
      for layer in 0..<layers {
        let name = "\(side).\(side).layers.\(layer)"
        for attention in side == "decoder" ? ["self_attn", "encoder_decoder_attn"] : ["self_attn"] {
          for projection in ["q_proj", "k_proj", "v_proj", "output_proj"] {
            linear("\(name).\(attention).\(projection)", dim, dim)
          }
          norm("\(name).\(attention)_layer_norm")
        }
        linear("\(name).ffn.inner_proj", feedForward, dim)
        linear("\(name).ffn.output_proj", dim, feedForward)
        norm("\(name).ffn_layer_norm")
      }
      norm(side == "encoder" ? "encoder.layer_norm" : "decoder.decoder.layer_norm")
    }
    return result
  }

  private func write(_ tensors: [Tensor], to file: URL) throws {
    var (header, offset): ([String: Any], Int) = ([:], 0)
    for tensor in tensors {
      header[tensor.name] = [
        "dtype": "F32", "shape": tensor.shape, "data_offsets": [offset, offset + tensor.bytes],
      ]
      offset += tensor.bytes
    }
    let json = try JSONSerialization.data(withJSONObject: header)
    try Data().write(to: file)
    let handle = try FileHandle(forWritingTo: file)
    try handle.write(contentsOf: withUnsafeBytes(of: UInt64(json.count).littleEndian) { Data($0) } + json)
    var random: UInt64 = 0x9E37_79B9_7F4A_7C15
    var buffer = [Float](repeating: 0, count: 1 << 20)
    for tensor in tensors {
      var left = tensor.bytes / 4
      while left > 0 {
        let count = min(left, buffer.count)
        for i in 0..<count {
          random ^= random << 13
          random ^= random >> 7
          random ^= random << 17
          let unit = Float(Int32(truncatingIfNeeded: random >> 16)) * 0x1p-31
          buffer[i] = tensor.mean + unit * tensor.spread
        }
        try buffer.withUnsafeBytes { try handle.write(contentsOf: $0[..<(4 * count)]) }
        left -= count
      }
    }
    try handle.close()
  }
}
