import COneDNN

extension OneDNN {
  /// The CPU and an in-order stream on it.
  final class Engine {
    private let handle: dnnl_engine_t
    private let stream: dnnl_stream_t

    init() throws {
      var engine: dnnl_engine_t?
      try check(dnnl_engine_create(&engine, dnnl_cpu, 0), "create a CPU engine")
      guard let engine else { throw TensorError("oneDNN gave no engine") }
      var stream: dnnl_stream_t?
      try check(dnnl_stream_create(&stream, engine, dnnl_stream_default_flags.rawValue), "create a stream")
      guard let stream else { throw TensorError("oneDNN gave no stream") }
      self.handle = engine
      self.stream = stream
    }

    deinit {
      dnnl_stream_destroy(stream)
      dnnl_engine_destroy(handle)
    }

    /// Memory of this layout at an address that is given when it is used, or now.
    func memory(_ layout: dnnl_memory_desc_t, at address: UnsafeMutableRawPointer? = nil) throws -> Memory {
      var (memory, layout): (dnnl_memory_t?, dnnl_memory_desc_t) = (nil, layout)
      try check(dnnl_memory_create(&memory, &layout, handle, address), "create a memory")
      guard let memory else { throw TensorError("oneDNN gave no memory") }
      return Memory(memory)
    }

    /// Copies `source` to `target` in another layout or type.
    func reorder(
      _ source: UnsafeMutableRawPointer, _ from: dnnl_memory_desc_t,
      to target: UnsafeMutableRawPointer, _ to: dnnl_memory_desc_t
    ) throws {
      var (from, to) = (from, to)
      var description: dnnl_primitive_desc_t?
      try check(dnnl_reorder_primitive_desc_create(&description, &from, handle, &to, handle, nil), "pack a weight")
      defer { dnnl_primitive_desc_destroy(description) }
      let (input, output) = (try memory(from, at: source), try memory(to, at: target))
      try execute(
        Primitive(description),
        [
          dnnl_exec_arg_t(arg: DNNL_ARG_SRC, memory: input.handle),
          dnnl_exec_arg_t(arg: DNNL_ARG_DST, memory: output.handle),
        ])
    }

    /// Describes `[rows, inputs] × [inputs, outputs] + bias`. With `weight` nil, oneDNN chooses the weight's layout.
    func matmul(_ shape: MatmulShape, rows: Int, weight: dnnl_memory_desc_t?) throws -> Matmul {
      var source = try layout(shape: [rows, shape.inputs], type: shape.source, tag: dnnl_ab)
      var destination = try layout(shape: [rows, shape.outputs], type: shape.destination, tag: dnnl_ab)
      var bias = try layout(shape: [1, shape.outputs], type: dnnl_f32, tag: dnnl_ab)
      var weight =
        try weight ?? layout(shape: [shape.inputs, shape.outputs], type: shape.source, tag: dnnl_format_tag_any)
      var operation = dnnl_matmul_desc_t()
      try check(
        shape.hasBias
          ? dnnl_matmul_desc_init(&operation, &source, &weight, &bias, &destination)
          : dnnl_matmul_desc_init(&operation, &source, &weight, nil, &destination), "describe a matrix product")

      var postOperations: dnnl_post_ops_t?
      try check(dnnl_post_ops_create(&postOperations), "create post-operations")
      defer { dnnl_post_ops_destroy(postOperations) }
      switch shape.epilogue {
      case .none: break
      case .relu:
        try check(dnnl_post_ops_append_eltwise(postOperations, 1, dnnl_eltwise_relu, 0, 0), "append a ReLU")
      case .accumulate: try check(dnnl_post_ops_append_sum(postOperations, 1), "append a sum")
      }
      var attributes: dnnl_primitive_attr_t?
      try check(dnnl_primitive_attr_create(&attributes), "create attributes")
      defer { dnnl_primitive_attr_destroy(attributes) }
      try check(dnnl_primitive_attr_set_post_ops(attributes, postOperations), "set post-operations")

      var description: dnnl_primitive_desc_t?
      let status = dnnl_primitive_desc_create(&description, &operation, attributes, handle, nil)
      guard status != dnnl_unimplemented else {
        throw TensorError("this processor has no \(shape.precision.rawValue) kernels in oneDNN; use fp32")
      }
      try check(status, "compile a [\(rows), \(shape.inputs)] × [\(shape.inputs), \(shape.outputs)] product")
      return try Matmul(description)
    }

    func execute(_ primitive: Primitive, _ arguments: [dnnl_exec_arg_t]) throws {
      try check(
        dnnl_primitive_execute(primitive.handle, stream, Int32(arguments.count), arguments), "run a primitive")
      try check(dnnl_stream_wait(stream), "wait for a primitive")
    }
  }

  final class Memory {
    let handle: dnnl_memory_t

    init(_ handle: dnnl_memory_t) { self.handle = handle }

    deinit { dnnl_memory_destroy(handle) }

    func point(at address: UnsafeMutableRawPointer) throws {
      try check(dnnl_memory_set_data_handle(handle, address), "point a memory at a buffer")
    }
  }

  final class Primitive {
    let handle: dnnl_primitive_t

    init(_ description: dnnl_primitive_desc_t?) throws {
      var primitive: dnnl_primitive_t?
      try check(dnnl_primitive_create(&primitive, description), "create a primitive")
      guard let primitive else { throw TensorError("oneDNN gave no primitive") }
      handle = primitive
    }

    deinit { dnnl_primitive_destroy(handle) }
  }
}
