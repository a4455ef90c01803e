import COneDNN

/// Compiled matrix products, shared by all weights of a shape. The first product of a shape decides how its weights are
/// laid out; all others are compiled for that layout.
final class MatmulCache {
  private struct Key: Hashable {
    let shape: MatmulShape
    let rows: Int
  }

  /// What weights of a shape look like.
  struct WeightLayout {
    let packed: dnnl_memory_desc_t
    let tiling: RowTiling
  }

  private struct Product {
    let primitive: OneDNN.Primitive
    let source, weight, destination: OneDNN.Memory
    let bias: OneDNN.Memory?
    /// The memories above, as oneDNN takes them.
    let arguments: [dnnl_exec_arg_t]
  }

  private struct WeightShape: Hashable {
    let precision: Precision
    let inputs: Int
    let outputs: Int
  }

  let engine: OneDNN.Engine
  private var products: [Key: Product] = [:]
  private var layouts: [WeightShape: WeightLayout] = [:]

  init(engine: OneDNN.Engine) { self.engine = engine }

  /// Packed for the row count of a typical batch; oneDNN asks for the same layout whatever it is.
  func weightLayout(_ precision: Precision, inputs: Int, outputs: Int) throws -> WeightLayout {
    let key = WeightShape(precision: precision, inputs: inputs, outputs: outputs)
    if let known = layouts[key] { return known }
    let shape = MatmulShape(
      precision: precision, inputs: inputs, outputs: outputs, hasBias: precision != .int8, epilogue: .none,
      isActivation: false)
    let matmul = try engine.matmul(shape, rows: 64, weight: nil)
    let layout = WeightLayout(
      packed: try matmul.layout(dnnl_query_weights_md),
      tiling: RowTiling(precision, implementation: matmul.implementation))
    layouts[key] = layout
    return layout
  }

  /// How many threads products may have where `threads` are wanted.
  func threads(_ precision: Precision, wanted threads: Int) throws -> Int {
    try weightLayout(precision, inputs: 64, outputs: 64).tiling.isSingleThreaded ? 1 : threads
  }

  /// `destination = epilogue(source × weight + bias)` over `rows` rows.
  func run(
    _ shape: MatmulShape, rows: Int, source: UnsafeMutableRawPointer, weight: UnsafeMutableRawPointer,
    bias: UnsafeMutableRawPointer?, destination: UnsafeMutableRawPointer
  ) throws {
    let product = try product(shape, rows: rows)
    try product.source.point(at: source)
    try product.weight.point(at: weight)
    try product.destination.point(at: destination)
    if let bias { try product.bias?.point(at: bias) }
    try engine.execute(product.primitive, product.arguments)
  }

  private func product(_ shape: MatmulShape, rows: Int) throws -> Product {
    let key = Key(shape: shape, rows: rows)
    if let known = products[key] { return known }
    let weight = try weightLayout(shape.precision, inputs: shape.inputs, outputs: shape.outputs)
    let matmul = try engine.matmul(shape, rows: rows, weight: weight.packed)
    let source = try engine.memory(matmul.layout(dnnl_query_src_md))
    let destination = try engine.memory(matmul.layout(dnnl_query_dst_md))
    let weights = try engine.memory(weight.packed)
    let bias =
      shape.hasBias
      ? try engine.memory(OneDNN.layout(shape: [1, shape.outputs], type: dnnl_f32, tag: dnnl_ab)) : nil
    var arguments = [
      dnnl_exec_arg_t(arg: DNNL_ARG_SRC, memory: source.handle),
      dnnl_exec_arg_t(arg: DNNL_ARG_WEIGHTS, memory: weights.handle),
      dnnl_exec_arg_t(arg: DNNL_ARG_DST, memory: destination.handle),
    ]
    if let bias { arguments.append(dnnl_exec_arg_t(arg: DNNL_ARG_BIAS, memory: bias.handle)) }
    let product = Product(
      primitive: try matmul.primitive(), source: source, weight: weights, destination: destination, bias: bias,
      arguments: arguments)
    products[key] = product
    return product
  }
}
