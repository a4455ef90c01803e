/// What the unpickler builds: numbers, texts, and descriptions of tensors. None of it can do anything.
///
/// Containers are places in a `PickleHeap` rather than values of their own: a pickle may nest them a million deep or
/// put one into itself, and neither may overflow the stack or leak.
enum PickleValue {
  case none
  case bool(Bool)
  case integer(Int)
  case real(Double)
  case text(String)
  case tuple(Int)
  case list(Int)
  /// Keys and values by turns; of equal keys the last counts.
  case dictionary(Int)
  case set(Int)
  /// An instance of an allowed class: nothing but the state it was given.
  case object(PickleGlobal, Int)
  case global(PickleGlobal)
  /// A place in the heap's `storages`.
  case storage(Int)
  /// A place in the heap's `tensors`.
  case tensor(Int)
}

/// The names a checkpoint may mention. Each stands for an inert value; a name that is not here is an error.
enum PickleGlobal: Equatable {
  case orderedDictionary
  case set
  case rebuildTensor
  case rebuildParameter
  case embedding
  case storage(ElementType)

  init?(module: String, name: String) {
    switch (module, name) {
    case ("collections", "OrderedDict"): self = .orderedDictionary
    case ("__builtin__", "set"), ("builtins", "set"): self = .set
    case ("torch._utils", "_rebuild_tensor_v2"): self = .rebuildTensor
    case ("torch._utils", "_rebuild_parameter"): self = .rebuildParameter
    case ("torch.nn.modules.sparse", "Embedding"): self = .embedding
    case ("torch", let name):
      guard let type = Self.storages[name] else { return nil }
      self = .storage(type)
    default: return nil
    }
  }

  private static let storages: [String: ElementType] = [
    "FloatStorage": .float32, "HalfStorage": .float16, "BFloat16Storage": .bfloat16, "DoubleStorage": .float64,
    "LongStorage": .int64, "IntStorage": .int32, "ShortStorage": .int16, "CharStorage": .int8, "ByteStorage": .uint8,
    "BoolStorage": .bool,
  ]
}

/// A piece of memory a checkpoint holds, as the pickle describes it. Nothing here has been checked yet.
struct TorchStorage {
  let type: ElementType
  /// The name of its entry under `data/`.
  let key: String
  /// In elements.
  let count: Int
}

/// A view of a storage, as the pickle describes it. Nothing here has been checked yet.
struct TorchTensor {
  let storage: TorchStorage
  /// In elements, as are the strides.
  let offset: Int
  let shape: [Int]
  let strides: [Int]
}
