import CVectorKernels

/// Matrix products.
extension CPUBackend {
  public func linear(
    _ input: Activation, _ weights: PackedLinear, _ epilogue: Epilogue, into output: Matrix<Float>
  ) throws {
    try checkColumns(input, weights, output.columns)
    output.resize(rows: input.rows)
    if case .int8(_, let scales) = input.storage {
      return try multiply8Bit(input, weights) { sums, row in
        dequantize(sums, scale: scales.pointer[row], weights, epilogue, into: output.row(row))
      }
    }
    try multiply(input, weights, weights.shape(epilogue, isActivation: false)) {
      UnsafeMutableRawPointer(output.row($0))
    }
  }

  public func linearReLU(_ input: Activation, _ weights: PackedLinear, into output: Activation) throws {
    try checkColumns(input, weights, output.columns)
    output.resize(rows: input.rows)
    if case .int8(_, let scales) = input.storage {
      let row32 = Self.kept(&unconverted, columns: weights.outputs)
      row32.resize(rows: 1)
      return try multiply8Bit(input, weights) { sums, row in
        dequantize(sums, scale: scales.pointer[row], weights, .relu, into: row32.pointer)
        convert(row32.pointer, toRow: row, of: output)
      }
    }
    try multiply(input, weights, weights.shape(.relu, isActivation: true)) { output.pointer(toRow: $0) }
  }

  private func checkColumns(_ input: Activation, _ weights: PackedLinear, _ outputs: Int) throws {
    guard input.columns == weights.inputs, outputs == weights.outputs else {
      throw TensorError(
        "a [\(input.rows), \(input.columns)] input does not fit a \(weights.inputs) -> \(weights.outputs) linear map")
    }
  }

  private func multiply(
    _ input: Activation, _ weights: PackedLinear, _ shape: MatmulShape,
    into destination: (_ row: Int) -> UnsafeMutableRawPointer
  ) throws {
    try weights.tiling.forEachTile(of: input.rows) { start, _, padded in
      try matmuls.run(
        shape, rows: padded, source: input.pointer(toRow: start), weight: weights.weightAddress,
        bias: weights.biasValues.map { UnsafeMutableRawPointer($0) }, destination: destination(start))
    }
  }

  /// Hands each row's integer sums to `finish` while they are in cache.
  private func multiply8Bit(
    _ input: Activation, _ weights: PackedLinear, finish: (_ sums: UnsafePointer<Int32>, _ row: Int) -> Void
  ) throws {
    let buffer = Self.kept(&sums, columns: weights.outputs)
    try weights.tiling.forEachTile(of: input.rows) { start, count, padded in
      buffer.resize(rows: padded)
      try matmuls.run(
        weights.shape(.none, isActivation: false), rows: padded, source: input.pointer(toRow: start),
        weight: weights.weightAddress, bias: nil, destination: UnsafeMutableRawPointer(buffer.pointer))
      for i in 0..<count { finish(buffer.row(i), start + i) }
    }
  }

  private func dequantize(
    _ sums: UnsafePointer<Int32>, scale: Float, _ weights: PackedLinear, _ epilogue: Epilogue,
    into target: UnsafeMutablePointer<Float>
  ) {
    let mode =
      switch epilogue {
      case .none: SonarsweepDequantizeStore
      case .relu: SonarsweepDequantizeReLU
      case .accumulate: SonarsweepDequantizeAdd
      }
    kernels.dequantize(sums, scale, weights.columnScales, weights.biasValues, mode, weights.outputs, target)
  }
}
