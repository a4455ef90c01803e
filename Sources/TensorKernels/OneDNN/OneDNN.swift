import COneDNN

/// A thin, owning wrapper over the part of oneDNN's C API (2.6) this module uses: matmul and reorder on the CPU.
enum OneDNN {
  /// Sets the number of OpenMP threads of the calling thread's parallel regions.
  static func setThreadCount(_ count: Int) { omp_set_num_threads(Int32(count)) }

  /// What compiled kernels, and so packed weights, depend on: the library's version and the instruction set it uses.
  static var identity: String {
    let version = dnnl_version().pointee
    return "onednn-\(version.major).\(version.minor).\(version.patch)-isa-\(dnnl_get_effective_cpu_isa().rawValue)"
  }

  static func check(_ status: dnnl_status_t, _ action: @autoclosure () -> String) throws {
    guard status == dnnl_success else { throw TensorError("oneDNN could not \(action()) (status \(status.rawValue))") }
  }

  private static func dims(_ shape: [Int]) -> [dnnl_dim_t] {
    shape.map { dnnl_dim_t($0) } + Array(repeating: 0, count: Int(DNNL_MAX_NDIMS) - shape.count)
  }

  static func layout(shape: [Int], type: dnnl_data_type_t, tag: dnnl_format_tag_t) throws -> dnnl_memory_desc_t {
    var layout = dnnl_memory_desc_t()
    try check(
      dnnl_memory_desc_init_by_tag(&layout, Int32(shape.count), dims(shape), type, tag), "describe \(shape)")
    return layout
  }
}

extension dnnl_memory_desc_t {
  /// What memory of this layout takes.
  var byteCount: Int {
    var copy = self
    return dnnl_memory_desc_get_size(&copy)
  }

  /// The type, strides and blocks: equal signatures of equal shapes are equal layouts.
  var signature: String {
    let blocking = format_desc.blocking
    func list(_ values: some Any, _ count: Int32) -> String {
      withUnsafeBytes(of: values) { bytes in
        bytes.bindMemory(to: dnnl_dim_t.self).prefix(Int(count)).map(String.init).joined(separator: ",")
      }
    }
    return [
      String(data_type.rawValue), list(blocking.strides, ndims), list(blocking.inner_blks, blocking.inner_nblks),
      list(blocking.inner_idxs, blocking.inner_nblks), String(extra.flags),
    ].joined(separator: ":")
  }
}
