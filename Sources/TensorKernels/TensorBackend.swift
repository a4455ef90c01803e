/// The closed set of operators the SONAR engine is composed of, so that a second device can stand in for the CPU.
///
/// All buffers are float32, one row per token (or per sequence where said so). Results must be **batch-invariant**: a
/// row's bits depend on that row's inputs alone, not on the other rows, their number or their order.
public protocol TensorBackend: AnyObject {
  /// A row-major float32 matrix in the device's memory, of any number of rows.
  associatedtype Buffer
  /// Weights of a linear map, packed for the device.
  associatedtype Linear
  /// An embedding table, [vocabulary, width].
  associatedtype Table
  /// Keys and values of one request's tokens, for all layers.
  associatedtype Cache: TokenCache

  /// Packs a weight of shape [outputs, inputs] (row-major, as in checkpoints) and its bias of shape [outputs].
  func makeLinear(weight: [Float], bias: [Float]?, inputs: Int, outputs: Int) throws -> Linear
  func makeTable(_ values: [Float], width: Int) throws -> Table
  func makeCache(layers: Int, width: Int) -> Cache

  /// A buffer without rows; operators give it as many as they write.
  func makeBuffer(columns: Int) -> Buffer
  /// Replaces a buffer's content by `values`, whole rows from the host.
  func write(_ values: [Float], into buffer: Buffer)
  /// A row, [columns], copied to the host.
  func values(ofRow row: Int, in buffer: Buffer) -> [Float]
  /// `output[i] = input[rows[i]]`
  func selectRows(_ rows: [Int], of input: Buffer, into output: Buffer)
  /// Puts the first row of `input` into a row of `output`, from `column` on, adding rows where there are too few.
  func store(_ input: Buffer, atRow row: Int, column: Int, in output: Buffer)

  /// `output[i] = table[tokens[i].id] * scale + position encoding of tokens[i].position`.
  func embed(_ tokens: [TokenAt], table: Table, scale: Float, positions: PositionEncoding, into output: Buffer)
  func layerNorm(_ input: Buffer, _ norm: LayerNorm, into output: Buffer)
  /// `output = epilogue(input * weightᵀ + bias)`; with `.accumulate` it is added to what `output` holds.
  func linear(_ input: Buffer, _ weights: Linear, _ epilogue: Epilogue, into output: Buffer) throws
  /// Bidirectional self-attention within each of the ragged sequences.
  /// `qkv` is [tokens, 3 × width]; `offsets` has one more entry than there are sequences.
  func attention(qkv: Buffer, offsets: [Int], heads: Int, into output: Buffer)
  /// One causal step: stores each row's key and value in its cache slot and attends to its path.
  func attentionStep(qkv: Buffer, layer: Int, rows: [CachedRow<Cache>], heads: Int, into output: Buffer)
  /// `output[i] += addend[rows[i]]`, reading `columns` columns from `column`.
  func addRows(of addend: Buffer, rows: [Int], column: Int, into output: Buffer)
  /// The mean of each ragged sequence's rows, dividing by (length + 1e-7); output is [sequences, width].
  func meanPool(_ input: Buffer, offsets: [Int], into output: Buffer)
  /// Logits of each row against the vocabulary, reduced on the device to what each query asks for.
  func scores(_ input: Buffer, projection: Linear, queries: [ScoreQuery]) throws -> [TokenScores]
}

/// The keys and values of one decoding request, a slot per token.
public protocol TokenCache: AnyObject {
  /// Takes the next slot.
  func allocateSlot() -> Int32
  /// Forgets all slots and keeps the memory, for the next request.
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
