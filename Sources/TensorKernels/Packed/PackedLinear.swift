import COneDNN
import CVectorKernels

/// A linear map whose weight oneDNN has laid out for its kernels.
public final class PackedLinear {
  public let inputs: Int
  public let outputs: Int
  let precision: Precision
  let tiling: RowTiling
  private let block: PackedBlock
  private let bias: Matrix<Float>?
  /// Where the output channels' scales start in the block (int8 only).
  private let scalesOffset: Int

  /// - Parameters:
  ///   - name: under which `storage` keeps the packed weight.
  ///   - bias: [outputs], or nil.
  ///   - weight: gives [outputs, inputs], row-major. It is asked only when `storage` has no packed weight yet.
  init(
    _ name: String, precision: Precision, inputs: Int, outputs: Int, bias: [Float]?, matmuls: MatmulCache,
    storage: any PackedStorage, weight: () throws -> [Float]
  ) throws {
    guard inputs > 0, outputs > 0, bias == nil || bias?.count == outputs else {
      throw TensorError("the bias of '\(name)' has \(bias?.count ?? 0) values, not \(outputs)")
    }
    self.inputs = inputs
    self.outputs = outputs
    self.precision = precision
    self.bias = bias.map { Matrix($0, columns: 1) }
    let layout = try matmuls.weightLayout(precision, inputs: inputs, outputs: outputs)
    tiling = layout.tiling
    let offset =
      (layout.packed.byteCount + MemoryAlignment.vector - 1) / MemoryAlignment.vector * MemoryAlignment.vector
    scalesOffset = offset
    let scaleBytes = precision == .int8 ? outputs * MemoryLayout<Float>.stride : 0
    block = try storage.block("\(name) \(layout.packed.signature)", byteCount: offset + scaleBytes) { target in
      var values = try weight()
      guard values.count == inputs * outputs else {
        throw TensorError("the weight of '\(name)' has \(values.count) values, not [\(outputs), \(inputs)]")
      }
      if precision == .int8 {
        let scales = (target + offset).assumingMemoryBound(to: Float.self)
        var whole = Self.quantize(values, inputs: inputs, outputs: outputs, scales: scales)
        let plain = try OneDNN.layout(shape: [inputs, outputs], type: dnnl_s8, tag: dnnl_ba)
        try whole.withUnsafeMutableBytes { source in
          if let base = source.baseAddress { try matmuls.engine.reorder(base, plain, to: target, layout.packed) }
        }
      } else {
        let plain = try OneDNN.layout(shape: [inputs, outputs], type: dnnl_f32, tag: dnnl_ba)
        try values.withUnsafeMutableBytes { source in
          if let base = source.baseAddress { try matmuls.engine.reorder(base, plain, to: target, layout.packed) }
        }
      }
    }
  }

  var weightAddress: UnsafeMutableRawPointer { block.address }
  var biasValues: UnsafeMutablePointer<Float>? { bias?.pointer }
  /// [outputs], of int8 weights.
  var columnScales: UnsafePointer<Float> {
    UnsafePointer((block.address + scalesOffset).assumingMemoryBound(to: Float.self))
  }

  func shape(_ epilogue: Epilogue, isActivation: Bool) -> MatmulShape {
    // Sums of 8-bit products get bias and epilogue when they are scaled.
    MatmulShape(
      precision: precision, inputs: inputs, outputs: outputs, hasBias: bias != nil && precision != .int8,
      epilogue: precision == .int8 ? .none : epilogue, isActivation: isActivation && precision == .bf16)
  }

  private static func quantize(
    _ values: [Float], inputs: Int, outputs: Int, scales: UnsafeMutablePointer<Float>
  ) -> [Int8] {
    let kernels = sonarsweep_kernels().pointee
    return [Int8](unsafeUninitializedCapacity: values.count) { target, initialized in
      values.withUnsafeBufferPointer { source in
        guard let input = source.baseAddress, let output = target.baseAddress else { return }
        for row in 0..<outputs {
          scales[row] = kernels.quantize(input + row * inputs, inputs, output + row * inputs)
        }
      }
      initialized = values.count
    }
  }
}
