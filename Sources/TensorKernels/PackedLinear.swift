import COneDNN

/// A linear map whose weight oneDNN has laid out for its kernels, with one compiled product per row count and epilogue.
public final class PackedLinear {
  public let inputs: Int
  public let outputs: Int
  private let engine: OneDNN.Engine
  private let weight: OneDNN.Memory
  private let bias: OneDNN.Memory?
  private var products: [Key: Product] = [:]

  private struct Key: Hashable {
    let rows: Int
    let epilogue: Epilogue
  }

  private struct Product {
    let primitive: OneDNN.Primitive
    let input: OneDNN.Memory
    let output: OneDNN.Memory
  }

  /// - Parameters:
  ///   - weight: [outputs, inputs], row-major.
  ///   - bias: [outputs], or nil.
  init(engine: OneDNN.Engine, weight: [Float], bias: [Float]?, inputs: Int, outputs: Int) throws {
    guard weight.count == inputs * outputs, bias == nil || bias?.count == outputs else {
      throw TensorError("a weight of \(weight.count) values does not fit [\(outputs), \(inputs)]")
    }
    self.engine = engine
    self.inputs = inputs
    self.outputs = outputs
    self.bias = try bias.map { try engine.memory(copying: $0, shape: [1, outputs]) }
    // Pack for a row count of a typical batch; oneDNN asks for the same layout whatever it is, and is held to it below.
    let layout = try engine.matmul(
      rows: 64, inputs: inputs, outputs: outputs, weight: nil, hasBias: bias != nil, epilogue: .none
    ).weightLayout
    self.weight = try engine.memory(packing: weight, inputs: inputs, outputs: outputs, as: layout)
  }

  func callAsFunction(_ input: Matrix, _ epilogue: Epilogue, into output: Matrix) throws {
    guard input.columns == inputs, output.columns == outputs else {
      throw TensorError("a [\(input.rows), \(input.columns)] input does not fit a \(inputs) -> \(outputs) linear map")
    }
    output.resize(rows: input.rows)
    guard input.rows > 0 else { return }
    let product = try product(rows: RowBucket.size(for: input.rows), epilogue)
    try product.input.setHandle(input.pointer)
    try product.output.setHandle(output.pointer)
    try engine.execute(
      product.primitive, source: product.input, weight: weight, bias: bias, destination: product.output)
  }

  private func product(rows: Int, _ epilogue: Epilogue) throws -> Product {
    let key = Key(rows: rows, epilogue: epilogue)
    if let known = products[key] { return known }
    let matmul = try engine.matmul(
      rows: rows, inputs: inputs, outputs: outputs, weight: weight.layout, hasBias: bias != nil, epilogue: epilogue)
    let product = Product(
      primitive: try matmul.primitive(),
      input: try engine.memory(shape: [rows, inputs]),
      output: try engine.memory(shape: [rows, outputs]))
    products[key] = product
    return product
  }
}
