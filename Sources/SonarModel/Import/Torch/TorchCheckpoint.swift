/// Reads a `.pt` file of fairseq2 (`{"model": {...}}`) or fairseq (`{"state_dict": {...}, "embed_tokens": ...}`).
///
/// The file is a zip archive with a pickle that describes tensors and an entry for each storage. Every tensor's
/// storage, offset, shape and strides are checked against the archive.
struct TorchCheckpoint {
  private let archive: ZipArchive
  private let file: InputFile
  /// The archive's top folder, with a slash.
  private let folder: String
  private let heap: PickleHeap

  /// Throws `ModelError`.
  static func read(_ file: InputFile) throws -> Checkpoint {
    let archive = try ZipArchive(file)
    guard let pickle = archive.entries.keys.filter({ $0.hasSuffix("/data.pkl") }).min(by: { $0.count < $1.count })
    else { throw ModelError("\(file.path) is a zip file without a data.pkl; torch.save did not write it") }
    let folder = String(pickle.dropLast("data.pkl".count))
    if let order = archive.entries["\(folder)byteorder"] {
      guard order.count <= 16, try file.bytes(order) == Array("little".utf8) else {
        throw ModelError("\(file.path) was written on a big-endian machine; only little-endian files are read")
      }
    }
    guard let range = archive.entries[pickle], range.count <= Unpickler.maximumSize else {
      throw ModelError("\(file.path): its pickle has more than \(Unpickler.maximumSize) bytes")
    }
    do {
      let (root, heap) = try Unpickler.read(try file.bytes(range))
      return try TorchCheckpoint(archive: archive, file: file, folder: folder, heap: heap).checkpoint(root)
    } catch let problem as Unpickler.Problem {
      throw ModelError("\(file.path): its pickle \(problem.description)")
    }
  }

  private func checkpoint(_ root: PickleValue) throws -> Checkpoint {
    guard let root = heap.dictionary(root) else { throw ModelError("\(file.path) holds no dictionary") }
    if let model = heap.dictionary(root["model"]) {
      let tensors = try tensors(of: model)
      guard tensors.keys.contains(where: { $0.contains("coder_frontend.embed.weight") }) else {
        throw ModelError(
          "\(file.path): its 'model' has none of fairseq2's names, such as encoder_frontend.embed.weight; it has "
            + list(tensors.keys))
      }
      return Checkpoint(path: file.path, form: .fairseq2, tensors: tensors, files: [file])
    }
    if let state = heap.dictionary(root["state_dict"]) {
      var tensors = try tensors(of: state)
      // fairseq2 itself takes the embedding that is pickled beside the state dict, for the decoder's output too.
      if let table = try embedding(root["embed_tokens"]) {
        tensors["embed_tokens.weight"] = table
        tensors["output_projection.weight"] = nil
      }
      return Checkpoint(path: file.path, form: .fairseq, tensors: tensors, files: [file])
    }
    throw ModelError(
      "\(file.path) has neither 'model' (fairseq2) nor 'state_dict' (fairseq); it has \(list(root.keys))")
  }

  private func list(_ names: some Collection<String>) -> String {
    let shown = names.sorted().prefix(6).map { printable($0) }.joined(separator: ", ")
    return names.isEmpty ? "nothing" : shown + (names.count > 6 ? " and \(names.count - 6) more" : "")
  }

  private func tensors(of state: [String: PickleValue]) throws -> [String: Checkpoint.Tensor] {
    var result: [String: Checkpoint.Tensor] = [:]
    for (name, value) in state {
      if case .tensor(let place) = value { result[name] = try locate(heap.tensors[place], name: name) }
    }
    return result
  }

  /// The weight of a pickled `nn.Embedding`; nil where there is none.
  private func embedding(_ value: PickleValue?) throws -> Checkpoint.Tensor? {
    guard case .object(.embedding, let place) = value, let state = heap.dictionary(heap[place].last),
      let parameters = heap.dictionary(state["_parameters"]), case .tensor(let weight) = parameters["weight"]
    else { return nil }
    return try locate(heap.tensors[weight], name: "embed_tokens.weight")
  }

  /// Checks a tensor against its storage's entry.
  private func locate(_ tensor: TorchTensor, name: String) throws -> Checkpoint.Tensor {
    func bad(_ reason: String) -> ModelError { ModelError("\(file.path): tensor '\(printable(name))' \(reason)") }
    let storage = tensor.storage
    guard let entry = archive.entries["\(folder)data/\(storage.key)"] else {
      throw bad("is in storage '\(printable(storage.key))', which the file does not have")
    }
    guard storage.type.byteCount(of: [storage.count]) == entry.count else {
      throw bad("is in a storage of \(storage.count) \(storage.type.rawValue), whose entry has \(entry.count) bytes")
    }
    guard let bytes = storage.type.byteCount(of: tensor.shape) else { throw bad("has an impossible shape") }
    let count = bytes / storage.type.size
    guard tensor.offset >= 0, tensor.offset <= storage.count, count <= storage.count - tensor.offset else {
      throw bad("of shape \(tensor.shape) at \(tensor.offset) does not fit its storage of \(storage.count)")
    }
    guard isContiguous(tensor) else {
      throw bad("is not contiguous (shape \(tensor.shape), strides \(tensor.strides)); save it after .contiguous()")
    }
    let start = entry.lowerBound + tensor.offset * storage.type.size
    return Checkpoint.Tensor(file: file, type: storage.type, shape: tensor.shape, bytes: start..<start + bytes)
  }

  /// Whether the strides are those of row-major order. The stride of an extent of 1 means nothing, and torch leaves
  /// anything there.
  private func isContiguous(_ tensor: TorchTensor) -> Bool {
    guard !tensor.shape.contains(0) else { return true }
    var expected = 1
    for (extent, stride) in zip(tensor.shape, tensor.strides).reversed() where extent != 1 {
      guard stride == expected else { return false }
      expected *= extent
    }
    return true
  }
}
