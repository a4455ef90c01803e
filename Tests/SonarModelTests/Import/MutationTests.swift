import Foundation
import SonarModel
import TestSupport
import Testing

@Suite("Random damage to a checkpoint is an error or another model, never a crash")
struct MutationTests {
  /// In all, over the three forms.
  private static let mutations = 10_000

  @Test("seeded mutations of headers, pickles, directories and lengths", arguments: ReferenceFixture.Form.allCases)
  func mutations(form: ReferenceFixture.Form) throws {
    var random = SplitMix64(seed: UInt64(form.rawValue.utf8.reduce(7) { $0 &* 31 &+ Int($1) }))
    let fixture = ReferenceFixture.small.with(form)
    let temporary = try TemporaryDirectory()
    var (refused, taken) = (0, 0)
    for (half, source) in [("encoder", fixture.encoder), ("decoder", fixture.decoder)] {
      let whole = [UInt8](try Data(contentsOf: source))
      let file = try temporary.file("\(half).\(source.pathExtension)", whole)
      let importing =
        half == "encoder" ? fixture.modelImport(encoder: file) : fixture.modelImport(decoder: file)
      let handle = try FileHandle(forUpdating: file)
      for number in 0..<Self.mutations / 6 + 1 {
        let undo = try damage(handle, whole, using: &random)
        do {
          _ = try importing.plan()
          taken += 1
          // What passes the checks must also be written without harm.
          if number % 50 == 0 { try write(importing, in: temporary.url) }
        } catch is ModelError {
          refused += 1
        }
        try undo()
      }
      #expect(try Data(contentsOf: file) == Data(whole), "a mutation was not undone")
    }
    #expect(refused > 500 && taken > 100, "\(refused) refused, \(taken) taken")
    #expect(temporary.names.count == 2)
  }

  private func write(_ importing: ModelImport, in directory: URL) throws {
    let models = directory.appending(path: "models")
    defer { try? FileManager.default.removeItem(at: models) }
    _ = try importing.write(into: models)
  }

  /// Changes the file in place. Returns how to undo it.
  private func damage(_ handle: FileHandle, _ whole: [UInt8], using random: inout SplitMix64) throws -> () throws ->
    Void
  {
    if Int.random(in: 0..<10, using: &random) == 0 {
      let length = Int.random(in: 0..<whole.count, using: &random)
      try handle.truncate(atOffset: UInt64(length))
      return { try Self.put(whole[length...], at: length, in: handle) }
    }
    // Mostly at the ends, where headers, pickles and directories are.
    let place =
      switch Int.random(in: 0..<10, using: &random) {
      case 0..<5: Int.random(in: 0..<min(6000, whole.count), using: &random)
      case 5..<9: whole.count - 1 - Int.random(in: 0..<min(6000, whole.count), using: &random)
      default: Int.random(in: 0..<whole.count, using: &random)
      }
    let length = min([1, 1, 1, 2, 4, 8][Int.random(in: 0..<6, using: &random)], whole.count - place)
    let kind = Int.random(in: 0..<4, using: &random)
    let bytes = (0..<length).map { i -> UInt8 in
      switch kind {
      case 0: whole[place + i] ^ UInt8(1 << Int.random(in: 0..<8, using: &random))
      case 1: 0xFF
      case 2: 0
      default: UInt8.random(in: .min ... .max, using: &random)
      }
    }
    try Self.put(bytes[...], at: place, in: handle)
    return { try Self.put(whole[place..<place + length], at: place, in: handle) }
  }

  private static func put(_ bytes: ArraySlice<UInt8>, at offset: Int, in handle: FileHandle) throws {
    try handle.seek(toOffset: UInt64(offset))
    try handle.write(contentsOf: Data(bytes))
  }
}
