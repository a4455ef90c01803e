import Foundation

/// The tensors of a safetensors file, to be renamed, changed and written again in other shapes of port.
struct TensorFile {
  struct Tensor {
    var type = "F32"
    var shape: [Int]
    var bytes: [UInt8]
  }

  var tensors: [String: Tensor] = [:]

  init(_ tensors: [String: Tensor] = [:]) { self.tensors = tensors }

  init(reading url: URL) throws {
    let data = [UInt8](try Data(contentsOf: url))
    let length = data[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    let header = try JSONSerialization.jsonObject(with: Data(data[8..<8 + length])) as? [String: Any] ?? [:]
    for (name, value) in header where name != "__metadata__" {
      guard let fields = value as? [String: Any], let type = fields["dtype"] as? String,
        let shape = fields["shape"] as? [Int], let offsets = fields["data_offsets"] as? [Int]
      else { continue }
      let bytes = Array(data[8 + length + offsets[0]..<8 + length + offsets[1]])
      tensors[name] = Tensor(type: type, shape: shape, bytes: bytes)
    }
  }

  func renamed(_ rename: (String) -> String) -> Self {
    Self(Dictionary(tensors.map { (rename($0.key), $0.value) }, uniquingKeysWith: { first, _ in first }))
  }

  func merging(_ other: Self) -> Self { Self(tensors.merging(other.tensors) { first, _ in first }) }

  var bytes: [UInt8] {
    var (entries, body): ([String], [UInt8]) = ([], [])
    for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
      let end = body.count + tensor.bytes.count
      entries.append(
        #""\#(name)":{"dtype":"\#(tensor.type)","shape":\#(tensor.shape),"data_offsets":[\#(body.count),\#(end)]}"#)
      body += tensor.bytes
    }
    let header = Array("{\(entries.joined(separator: ","))}".utf8)
    return little(UInt64(header.count)) + header + body
  }
}
