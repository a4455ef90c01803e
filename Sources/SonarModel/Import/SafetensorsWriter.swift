import Foundation

/// Writes planned tensors as one safetensors file, piece by piece.
struct SafetensorsWriter {
  let tensors: [ImportPlan.Tensor]

  /// Everything before the first tensor: the header's length, and the header, padded so that tensors are aligned to 8
  /// bytes. Equal tensors give equal bytes.
  func header() -> [UInt8] {
    var offset = 0
    var entries = [#""__metadata__":{"format":"pt"}"#]
    for tensor in tensors {
      let shape = tensor.shape.map(String.init).joined(separator: ",")
      let end = offset + tensor.byteCount
      entries.append(
        #""\#(tensor.name)":{"dtype":"\#(tensor.type.rawValue)","shape":[\#(shape)],"data_offsets":[\#(offset),\#(end)]}"#
      )
      offset = end
    }
    var json = Array("{\(entries.joined(separator: ","))}".utf8)
    json += [UInt8](repeating: UInt8(ascii: " "), count: (8 - json.count % 8) % 8)
    return withUnsafeBytes(of: UInt64(json.count).littleEndian) { Array($0) } + json
  }

  /// Writes the file and waits until it is on disk. Returns its SHA-256.
  ///
  /// - Parameter advance: called with the bytes of each piece that was written; what it throws ends the writing.
  func write(to url: URL, advance: (Int) throws -> Void) throws -> String {
    let file = try OutputFile(url)
    try file.write(header())
    for tensor in tensors {
      for (source, range) in tensor.pieces {
        try TensorBytes.forEach(range, of: source) { piece in
          try file.write(piece)
          try advance(piece.count)
        }
      }
    }
    return try file.finish()
  }
}
