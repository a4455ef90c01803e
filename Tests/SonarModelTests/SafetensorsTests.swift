import Foundation
import SonarModel
import Testing

@Suite("Safetensors")
struct SafetensorsTests {
  @Test("f32, f16 and bf16 are read as float32")
  func types() throws {
    let header = """
      {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F16","shape":[1,2],"data_offsets":[8,12]},\
      "c":{"dtype":"BF16","shape":[2],"data_offsets":[12,16]},"__metadata__":{"format":"pt"}}
      """
    var body = Data()
    for value in [Float(1.5), -2] { withUnsafeBytes(of: value.bitPattern.littleEndian) { body.append(contentsOf: $0) } }
    for value in [Float16(0.5), -4] {
      withUnsafeBytes(of: value.bitPattern.littleEndian) { body.append(contentsOf: $0) }
    }
    for bits in [UInt16(0x3F80), 0xC000] { withUnsafeBytes(of: bits.littleEndian) { body.append(contentsOf: $0) } }
    try withFile(header, body) { file in
      let tensors = try file()
      let (a, b) = (try tensors.tensor("a", shape: [2]), try tensors.tensor("b", shape: [1, 2]))
      let c = try tensors.tensor("c", shape: [2])
      #expect(a == [1.5, -2])
      #expect(b == [0.5, -4])
      #expect(c == [1, -2])
      #expect(throws: ModelError.self) { try tensors.tensor("a", shape: [1, 2]) }
      #expect(throws: ModelError.self) { try tensors.tensor("d", shape: [2]) }
    }
  }

  @Test(
    "a header that lies is refused before anything is read",
    arguments: [
      "not json", "[]", #"{"a":{"dtype":"I63","shape":[1],"data_offsets":[0,8]}}"#,
      #"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#,
      #"{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}"#,
      #"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}}"#,
      #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}"#,
      #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
      #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#,
      #"{"a":{"dtype":"F32","shape":[2]}}"#, #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}"#,
      // A name or a key twice, keys nobody knows, metadata that is not text, nesting, numbers that are none.
      #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#,
      #"{"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#,
      #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"more":1}}"#,
      #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"__metadata__":{"a":1}}"#,
      #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}} x"#,
      #"{"a":{"dtype":"F32","shape":[[2]],"data_offsets":[0,8]}}"#,
      #"{"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}}"#,
      #"{"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,8]}}"#,
      #"{"a":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,2],"data_offsets":[0,8]}}"#,
      #"{"a\ud800":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, #"{"a"#,
      String(repeating: #"{"a":"#, count: 500_000), String(repeating: "[", count: 1_000_000),
    ])
  func lies(header: String) throws {
    try withFile(header, Data(count: 8)) { file in #expect(throws: ModelError.self) { try file() } }
  }

  @Test("integers may lie in a file, but are no weights; names may be escaped")
  func otherTypes() throws {
    let header = #"{"\u0061\n":{"dtype":"I64","shape":[],"data_offsets":[0,8]},"__metadata__":{"k":"v\"\\"}}  "#
    try withFile(header, Data(count: 8)) { file in
      let tensors = try file()
      #expect(tensors.names == ["a\n"])
      #expect(throws: ModelError.self) { try tensors.tensor("a\n", shape: []) }
    }
  }

  @Test("a header length beyond the file, and a file of no length, are refused")
  func lengths() throws {
    for bytes in [
      Data(), Data([1, 2, 3]), Data([255, 255, 255, 255, 255, 255, 255, 255]), Data([9, 0, 0, 0, 0, 0, 0, 0]),
    ] {
      try withBytes(bytes) { file in #expect(throws: ModelError.self) { try file() } }
    }
  }

  private func withFile(_ header: String, _ body: Data, _ check: (() throws -> Safetensors) throws -> Void) throws {
    var bytes = Data()
    withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { bytes.append(contentsOf: $0) }
    try withBytes(bytes + Data(header.utf8) + body, check)
  }

  private func withBytes(_ bytes: Data, _ check: (() throws -> Safetensors) throws -> Void) throws {
    let url = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try bytes.write(to: url)
    defer { try? FileManager.default.removeItem(at: url) }
    try check { try Safetensors(contentsOf: url) }
  }
}
