/// What an import will write: every tensor, found and checked, and the config. Nothing but headers has been read.
public struct ImportPlan: Sendable {
  /// A tensor to write: its bytes are those of `pieces`, one after the other.
  struct Tensor: Sendable {
    let name: String
    let type: ElementType
    let shape: [Int]
    let pieces: [(file: InputFile, bytes: Range<Int>)]

    var byteCount: Int { pieces.reduce(0) { $0 + $1.bytes.count } }
  }

  /// By name, sorted, as they will lie in the file.
  let tensors: [Tensor]
  let sizes: ModelSizes
  let config: ModelConfigFile
  let encoder: Checkpoint
  let decoder: Checkpoint
  let tokenizer: InputFile
  let pieceCount: Int

  public var parameterCount: Int { tensors.reduce(0) { $0 + $1.shape.reduce(1, *) } }

  /// How many bytes of weights will be written.
  public var byteCount: Int { tensors.reduce(0) { $0 + $1.byteCount } }

  /// The files the weights come from; one that holds both halves only once.
  var sources: [InputFile] {
    encoder.files + decoder.files.filter { file in !encoder.files.contains { $0.path == file.path } }
  }
}
