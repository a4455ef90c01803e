import COneDNN

/// All that a matrix product is compiled for, except its number of rows.
struct MatmulShape: Hashable {
  let precision: Precision
  let inputs: Int
  let outputs: Int
  let hasBias: Bool
  let epilogue: Epilogue
  /// Whether the product is wanted in the precision of the next product's source, not in float32.
  let isActivation: Bool

  /// The type of activations and weights.
  var source: dnnl_data_type_t {
    switch precision {
    case .fp32: dnnl_f32
    case .bf16: dnnl_bf16
    case .int8: dnnl_s8
    }
  }

  /// 8-bit products are left as integer sums, which are then scaled per row and column.
  var destination: dnnl_data_type_t {
    switch precision {
    case .fp32: dnnl_f32
    case .bf16: isActivation ? dnnl_bf16 : dnnl_f32
    case .int8: dnnl_s32
    }
  }
}

extension OneDNN {
  /// A described matrix product.
  final class Matmul {
    private let description: dnnl_primitive_desc_t

    init(_ description: dnnl_primitive_desc_t?) throws {
      guard let description else { throw TensorError("oneDNN gave no description") }
      self.description = description
    }

    deinit { dnnl_primitive_desc_destroy(description) }

    func layout(_ argument: dnnl_query_t) throws -> dnnl_memory_desc_t {
      guard let layout = dnnl_primitive_desc_query_md(description, argument, 0) else {
        throw TensorError("oneDNN gave no layout")
      }
      return layout.pointee
    }

    /// The kernel's name, as `brg:avx512_core_bf16_amx_bf16`.
    var implementation: String {
      var name: UnsafePointer<CChar>?
      dnnl_primitive_desc_query(description, dnnl_query_impl_info_str, 0, &name)
      return name.map { String(cString: $0) } ?? ""
    }

    func primitive() throws -> Primitive { try Primitive(description) }
  }
}
