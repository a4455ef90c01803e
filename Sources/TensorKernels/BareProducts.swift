/// The matrix products of a model's layers without anything around them: the limit that oneDNN sets to the engine.
public final class BareProducts {
  public struct Map: Hashable, Sendable {
    public let inputs: Int
    public let outputs: Int

    public init(inputs: Int, outputs: Int) {
      self.inputs = inputs
      self.outputs = outputs
    }
  }

  private let matmuls: MatmulCache
  private let precision: Precision
  private let weights: [(map: Map, block: PackedBlock)]
  private let source, destination: PackedBlock

  /// - Parameters:
  ///   - maps: in the order in which a layer uses them; each gets weights of its own, so that they come from memory
  ///     where a model's would.
  ///   - rows: the most rows that will be multiplied.
  public init(precision: Precision, threads: Int, maps: [Map], rows: Int) throws {
    self.precision = precision
    let matmuls = MatmulCache(engine: try OneDNN.Engine())
    self.matmuls = matmuls
    let storage = PrivateStorage()
    // All ones in bits of a kind, which no kernel treats specially; zeros might be shared pages.
    func block(_ bytes: Int) throws -> PackedBlock {
      try storage.block("", byteCount: bytes) { $0.initializeMemory(as: UInt8.self, repeating: 1, count: bytes) }
    }
    weights = try maps.map { map in
      let layout = try matmuls.weightLayout(precision, inputs: map.inputs, outputs: map.outputs)
      return (map, try block(layout.packed.byteCount))
    }
    let capacity = RowTiling.capacity(for: rows)
    source = try block(capacity * (maps.map(\.inputs).max() ?? 1) * precision.bytesPerWeight)
    destination = try block(capacity * (maps.map(\.outputs).max() ?? 1) * MemoryLayout<Float>.stride)
    OneDNN.setThreadCount(try matmuls.threads(precision, wanted: threads))
  }

  /// Multiplies `rows` rows by every weight, in order.
  public func run(rows: Int) throws {
    for (map, block) in weights {
      let shape = MatmulShape(
        precision: precision, inputs: map.inputs, outputs: map.outputs, hasBias: false, epilogue: .none,
        isActivation: false)
      let tiling = try matmuls.weightLayout(precision, inputs: map.inputs, outputs: map.outputs).tiling
      try tiling.forEachTile(of: rows) { start, _, padded in
        try matmuls.run(
          shape, rows: padded, source: source.address + start * map.inputs * precision.bytesPerWeight,
          weight: block.address, bias: nil,
          destination: destination.address + start * map.outputs * MemoryLayout<Float>.stride)
      }
    }
  }
}
