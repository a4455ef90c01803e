/// The closed set of operators the SONAR engine is composed of, so that a second device can stand in for the CPU.
///
/// Buffers are float32, one row per token (or per sequence where said so); activations are rows in the precision of
/// matrix products. Results must be **batch-invariant**: a row's bits depend on that row's inputs alone, not on the
/// other rows, their number or their order.
public protocol TensorBackend: AnyObject {
  /// A row-major float32 matrix in the device's memory, of any number of rows.
  associatedtype Buffer
  /// Rows that are about to go through a linear map.
  associatedtype Activation
  /// Weights of a linear map, packed for the device.
  associatedtype Linear
  /// The map from states to logits.
  associatedtype Projection
  /// Keys and values of one request's tokens, for all layers.
  associatedtype Cache: TokenCache

  /// Of matrix products.
  var precision: Precision { get }

  /// Packs a weight of shape [outputs, inputs] (row-major, as in checkpoints) and its bias of shape [outputs].
  ///
  /// - Parameters:
  ///   - name: which of the model's linear maps it is; packed weights are kept under it.
  ///   - weight: asked for the weight only where it is not packed already.
  func makeLinear(
    _ name: String, inputs: Int, outputs: Int, bias: [Float]?, weight: () throws -> [Float]
  ) throws -> Linear
  /// Packs a table of shape [vocabulary, width]; `rows` gives the rows asked for.
  func makeProjection(
    _ name: String, vocabulary: Int, width: Int, rows: (Range<Int>) throws -> [Float]
  ) throws -> Projection
  func makeCache(layers: Int, width: Int) -> Cache

  /// A buffer without rows; operators give it as many as they write.
  func makeBuffer(columns: Int) -> Buffer
  /// Activations without rows; operators give them as many as they write.
  func makeActivation(columns: Int) -> Activation
  /// Replaces a buffer's content by `values`, whole rows from the host.
  func write(_ values: [Float], into buffer: Buffer)
  /// A row, [columns], copied to the host.
  func values(ofRow row: Int, in buffer: Buffer) -> [Float]
  /// The rows of `input` in the precision of matrix products.
  func convert(_ input: Buffer, into output: Activation)
  /// `output[i] = input[rows[i]]`
  func selectRows(_ rows: [Int], of input: Buffer, into output: Buffer)
  /// Puts `input[i]` into row `rows[i]` of `output`, from `column` on, adding rows where there are too few.
  func store(_ input: Buffer, atRows rows: [Int], column: Int, in output: Buffer)

  /// `output[i] = table[tokens[i].id] * scale + position encoding of tokens[i].position`.
  func embed(
    _ tokens: [TokenAt], table: EmbeddingTable, scale: Float, positions: PositionEncoding, into output: Buffer)
  func layerNorm(_ input: Buffer, _ norm: LayerNorm, into output: Buffer)
  func layerNorm(_ input: Buffer, _ norm: LayerNorm, into output: Activation)
  /// `output = epilogue(input * weightᵀ + bias)`; with `.accumulate` it is added to what `output` holds.
  func linear(_ input: Activation, _ weights: Linear, _ epilogue: Epilogue, into output: Buffer) throws
  /// `output = max(input * weightᵀ + bias, 0)`, ready for the next linear map.
  func linearReLU(_ input: Activation, _ weights: Linear, into output: Activation) throws
  /// Bidirectional self-attention within each of the ragged sequences.
  /// `qkv` is [tokens, 3 × width]; `offsets` has one more entry than there are sequences.
  func attention(qkv: Buffer, offsets: [Int], heads: Int, into output: Activation)
  /// One causal step: stores each row's key and value in its cache slot, then attends to its path, which may name
  /// slots that other rows of this step fill.
  func attentionStep(qkv: Buffer, layer: Int, rows: [CachedRow<Cache>], heads: Int, into output: Activation)
  /// `output[i] += addend[rows[i]]`, reading `columns` columns from `column`.
  func addRows(of addend: Buffer, rows: [Int], column: Int, into output: Buffer)
  /// The mean of each ragged sequence's rows, dividing by (length + 1e-7); output is [sequences, width].
  func meanPool(_ input: Buffer, offsets: [Int], into output: Buffer)
  /// Logits of each row against the vocabulary, reduced on the device to what each query asks for.
  func scores(_ input: Activation, _ projection: Projection, queries: [ScoreQuery]) throws -> [TokenScores]
}

/// The keys and values of one decoding request, a slot per token.
public protocol TokenCache: AnyObject {
  /// Takes a free slot.
  func allocateSlot() -> Int32
  /// Frees all slots that no path names.
  func keepOnly(_ paths: [[Int32]])
  /// Frees all slots and keeps the memory, for the next request.
  func removeAll()
}

/// A vocabulary row at a position (0 = the sequence's first token).
public struct TokenAt {
  public let id: Int
  public let position: Int

  public init(id: Int, position: Int) {
    self.id = id
    self.position = position
  }
}

/// What a linear map does with its product.
public enum Epilogue: Hashable, Sendable {
  case none
  case relu
  case accumulate
}

/// A row of a decoding step: where its key and value go, and which cached tokens it attends to (itself last).
public struct CachedRow<Cache> {
  public let cache: Cache
  public let path: [Int32]

  public init(cache: Cache, path: [Int32]) {
    self.cache = cache
    self.path = path
  }
}

/// Scale and offset of a layer normalisation, each of shape [width].
public struct LayerNorm: Sendable {
  let weight: [Float]
  let bias: [Float]
  let epsilon: Float

  public init(weight: [Float], bias: [Float], epsilon: Float) {
    self.weight = weight
    self.bias = bias
    self.epsilon = epsilon
  }
}
