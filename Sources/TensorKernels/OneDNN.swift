import COneDNN

/// A thin, owning wrapper over the part of oneDNN's C API (2.6) this module uses: float32 matmul and reorder on the CPU.
enum OneDNN {
  /// Sets the number of OpenMP threads of the calling thread's parallel regions.
  static func setThreadCount(_ count: Int) { omp_set_num_threads(Int32(count)) }

  static func check(_ status: dnnl_status_t, _ action: @autoclosure () -> String) throws {
    guard status == dnnl_success else { throw TensorError("oneDNN could not \(action()) (status \(status.rawValue))") }
  }

  static func dims(_ shape: [Int]) -> [dnnl_dim_t] {
    shape.map { dnnl_dim_t($0) } + Array(repeating: 0, count: Int(DNNL_MAX_NDIMS) - shape.count)
  }

  static func layout(shape: [Int], tag: dnnl_format_tag_t) throws -> dnnl_memory_desc_t {
    var layout = dnnl_memory_desc_t()
    try check(
      dnnl_memory_desc_init_by_tag(&layout, Int32(shape.count), dims(shape), dnnl_f32, tag), "describe \(shape)")
    return layout
  }
}

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

    /// Memory without storage of its own; point it at a buffer with `setHandle`.
    func memory(shape: [Int]) throws -> Memory {
      try memory(layout: layout(shape: shape, tag: dnnl_ab), owning: false)
    }

    func memory(copying values: [Float], shape: [Int]) throws -> Memory {
      let memory = try memory(layout: layout(shape: shape, tag: dnnl_ab), owning: true)
      try memory.write(values)
      return memory
    }

    /// Lays a row-major [outputs, inputs] weight out as `packed`.
    func memory(packing values: [Float], inputs: Int, outputs: Int, as packed: dnnl_memory_desc_t) throws -> Memory {
      let plain = try memory(layout: layout(shape: [inputs, outputs], tag: dnnl_ba), owning: true)
      try plain.write(values)
      let result = try memory(layout: packed, owning: true)
      var description: dnnl_primitive_desc_t?
      var (from, to) = (plain.layout, packed)
      try check(
        dnnl_reorder_primitive_desc_create(&description, &from, handle, &to, handle, nil), "pack a weight")
      defer { dnnl_primitive_desc_destroy(description) }
      try execute(
        Primitive(description), arguments: [(DNNL_ARG_SRC, plain), (DNNL_ARG_DST, result)])
      return result
    }

    private func memory(layout: dnnl_memory_desc_t, owning: Bool) throws -> Memory {
      var layout = layout
      let size = dnnl_memory_desc_get_size(&layout)
      let storage =
        owning ? UnsafeMutableRawPointer.allocate(byteCount: max(size, 1), alignment: Matrix.alignment) : nil
      var memory: dnnl_memory_t?
      let status = dnnl_memory_create(&memory, &layout, handle, storage)
      guard status == dnnl_success, let memory else {
        storage?.deallocate()
        throw TensorError("oneDNN could not create a memory of \(size) bytes (status \(status.rawValue))")
      }
      return Memory(handle: memory, layout: layout, storage: storage, byteCount: size)
    }

    /// Describes `[rows, inputs] × [inputs, outputs] + bias`. With `weight` nil, oneDNN chooses the weight's layout.
    func matmul(
      rows: Int, inputs: Int, outputs: Int, weight: dnnl_memory_desc_t?, hasBias: Bool, epilogue: Epilogue
    ) throws -> Matmul {
      var source = try layout(shape: [rows, inputs], tag: dnnl_ab)
      var destination = try layout(shape: [rows, outputs], tag: dnnl_ab)
      var bias = try layout(shape: [1, outputs], tag: dnnl_ab)
      var weight = try weight ?? layout(shape: [inputs, outputs], tag: dnnl_format_tag_any)
      var operation = dnnl_matmul_desc_t()
      try check(
        hasBias
          ? dnnl_matmul_desc_init(&operation, &source, &weight, &bias, &destination)
          : dnnl_matmul_desc_init(&operation, &source, &weight, nil, &destination), "describe a matrix product")

      var postOperations: dnnl_post_ops_t?
      try check(dnnl_post_ops_create(&postOperations), "create post-operations")
      defer { dnnl_post_ops_destroy(postOperations) }
      switch epilogue {
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
      try check(
        dnnl_primitive_desc_create(&description, &operation, attributes, handle, nil),
        "compile a [\(rows), \(inputs)] × [\(inputs), \(outputs)] product")
      return try Matmul(description)
    }

    func execute(_ primitive: Primitive, source: Memory, weight: Memory, bias: Memory?, destination: Memory) throws {
      var arguments = [(DNNL_ARG_SRC, source), (DNNL_ARG_WEIGHTS, weight), (DNNL_ARG_DST, destination)]
      if let bias { arguments.append((DNNL_ARG_BIAS, bias)) }
      try execute(primitive, arguments: arguments)
    }

    private func execute(_ primitive: Primitive, arguments: [(Int32, Memory)]) throws {
      let list = arguments.map { dnnl_exec_arg_t(arg: $0.0, memory: $0.1.handle) }
      try check(dnnl_primitive_execute(primitive.handle, stream, Int32(list.count), list), "run a primitive")
      try check(dnnl_stream_wait(stream), "wait for a primitive")
    }
  }

  final class Memory {
    let handle: dnnl_memory_t
    let layout: dnnl_memory_desc_t
    private let storage: UnsafeMutableRawPointer?
    private let byteCount: Int

    init(handle: dnnl_memory_t, layout: dnnl_memory_desc_t, storage: UnsafeMutableRawPointer?, byteCount: Int) {
      self.handle = handle
      self.layout = layout
      self.storage = storage
      self.byteCount = byteCount
    }

    deinit {
      dnnl_memory_destroy(handle)
      storage?.deallocate()
    }

    func setHandle(_ pointer: UnsafeMutableRawPointer) throws {
      try check(dnnl_memory_set_data_handle(handle, pointer), "point a memory at a buffer")
    }

    func write(_ values: [Float]) throws {
      guard let storage, values.count * MemoryLayout<Float>.stride == byteCount else {
        throw TensorError("\(values.count) values do not fill a memory of \(byteCount) bytes")
      }
      values.withUnsafeBytes { UnsafeMutableRawBufferPointer(start: storage, count: byteCount).copyMemory(from: $0) }
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

  /// A described matrix product.
  final class Matmul {
    private let description: dnnl_primitive_desc_t

    init(_ description: dnnl_primitive_desc_t?) throws {
      guard let description else { throw TensorError("oneDNN gave no description") }
      self.description = description
    }

    deinit { dnnl_primitive_desc_destroy(description) }

    var weightLayout: dnnl_memory_desc_t {
      get throws {
        guard let layout = dnnl_primitive_desc_query_md(description, dnnl_query_weights_md, 0) else {
          throw TensorError("oneDNN gave no weight layout")
        }
        return layout.pointee
      }
    }

    func primitive() throws -> Primitive { try Primitive(description) }
  }
}
