import Foundation
import TensorKernels
import TestSupport
import Testing

@Suite("Packed weights in a file")
struct PackedFileTests {
  let directory: URL
  var file: URL { directory.appending(path: "weights.packed") }

  init() throws {
    directory = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
  }

  @Test(
    "weights that were packed once are read, not packed again, and give the same bits", arguments: CPUBackend.precisions
  )
  func reuse(precision: Precision) throws {
    defer { remove() }
    let first = try products(precision, PackedFile(file)) { true }
    let second = try products(precision, PackedFile(file)) {
      Issue.record("the weight was packed again")
      return true
    }
    #expect(first == second)
    #expect(try products(precision, PrivateStorage()) { true } == first)
  }

  @Test("a file that was not finished is not there")
  func unfinished() throws {
    defer { remove() }
    _ = try products(.fp32, PackedFile(file)) { false }
    #expect(!FileManager.default.fileExists(atPath: file.path))
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["weights.packed.lock"])
  }

  @Test("a file that is cut short, or is something else, is written anew", arguments: [0, 3, 100, 5000])
  func damaged(length: Int) throws {
    defer { remove() }
    let whole = try products(.fp32, PackedFile(file)) { true }
    try Data(contentsOf: file).prefix(length).write(to: file)
    #expect(try products(.fp32, PackedFile(file)) { true } == whole)
    #expect(try PackedFile(file).isComplete)
  }

  @Test("an index that lies is not believed")
  func lyingIndex() throws {
    defer { remove() }
    for entry in [
      #"[{"name":"map","offset":0,"byteCount":99999999}]"#, #"[{"name":"map","offset":-4096,"byteCount":16}]"#,
      #"[{"name":"map","offset":9223372036854775807,"byteCount":16}]"#, #"[{"name":"map","offset":8,"byteCount":16}]"#,
      "[[[[",
    ] {
      var bytes = Data(count: 8192) + Data(entry.utf8)
      withUnsafeBytes(of: UInt64(entry.utf8.count).littleEndian) { bytes.append(contentsOf: $0) }
      try (bytes + Data("SONARPK1".utf8)).write(to: file)
      #expect(try !PackedFile(file).isComplete)
    }
  }

  @Test("a directory that cannot be written is an error, not a crash")
  func unwritable() {
    remove()
    #expect(throws: TensorError.self) { try PackedFile(file) }
  }

  private func remove() { try? FileManager.default.removeItem(at: directory) }

  /// Rows of two linear maps; `packed` is asked when a weight is packed, and says whether to finish the file.
  private func products(
    _ precision: Precision, _ storage: any PackedStorage, packed: () -> Bool
  ) throws -> [[Float]] {
    var random = SplitMix64(seed: 1)
    var finish = true
    let backend = try CPUBackend(precision: precision, threads: 1, storage: storage)
    let input = backend.makeActivation(columns: 40)
    backend.convert(Matrix(random.floats(3 * 40), columns: 40), into: input)
    let results = try ["one", "two"].flatMap { name in
      let weight = random.floats(40 * 24)
      let map = try backend.makeLinear(name, inputs: 40, outputs: 24, bias: nil) {
        finish = packed()
        return weight
      }
      let output = Matrix<Float>(columns: 24)
      try backend.linear(input, map, .none, into: output)
      return (0..<3).map { output.values(ofRow: $0) }
    }
    if finish { (storage as? PackedFile)?.finish() }
    return results
  }
}
