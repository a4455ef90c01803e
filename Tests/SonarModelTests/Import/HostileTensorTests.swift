import Foundation
import SonarModel
import Testing

@Suite("A checkpoint's tensors must lie in its storages")
struct HostileTensorTests {
  private static let good = PickledTensor(storageCount: 12, shape: [3, 4], strides: [4, 1])

  private static let lies: [Lie<PickledTensor>] = [
    Lie("offset") { $0.offset = 1 }, Lie("negative offset") { $0.offset = -1 }, Lie("huge offset") { $0.offset = .max },
    Lie("negative size") { $0.shape = [-3, 4] }, Lie("two negative sizes") { $0.shape = [-3, -4] },
    Lie("too many rows") { $0.shape = [4, 4] }, Lie("overflowing size") { $0.shape = [1 << 62, 1 << 62] },
    Lie("size that overflows to fit") { $0.shape = [1 << 61, 8] }, Lie("other strides") { $0.strides = [1, 3] },
    Lie("negative strides") { $0.strides = [-4, -1] }, Lie("zero strides") { $0.strides = [0, 0] },
    Lie("huge strides") { $0.strides = [.max, .max] }, Lie("a stride missing") { $0.strides = [1] },
    Lie("nine dimensions") {
      $0.shape = [Int](repeating: 1, count: 9)
      $0.strides = $0.shape
    },
    Lie("a storage that claims more") { $0.storageCount = 13 }, Lie("less") { $0.storageCount = 11 },
    Lie("a negative count") { $0.storageCount = -12 }, Lie("a huge count") { $0.storageCount = .max },
    Lie("another element type") { $0.storageType = "DoubleStorage" }, Lie("no such storage") { $0.key = "1" },
    Lie("a path") { $0.key = "../data.pkl" }, Lie("an unknown storage type") { $0.storageType = "QInt8Storage" },
  ]

  @Test("offsets, sizes, strides and counts that cannot be are refused", arguments: lies)
  func refused(lie: Lie<PickledTensor>) throws {
    var tensor = Self.good
    lie.tell(&tensor)
    let message = try refusal(of: tensor)
    #expect(message.contains("tensor") || message.contains("QInt8Storage"), "\(lie): \(message)")
    #expect(!message.contains("is missing"), "\(lie) was taken: \(message)")
  }

  @Test("what is right is taken: the next error is about a tensor that is missing")
  func honest() throws { #expect(try refusal(of: Self.good).contains("is missing")) }

  /// The table is there; without layers the import must end in one error or another.
  private func refusal(of tensor: PickledTensor) throws -> String {
    let pickle = PickleProgram.fairseq2([
      ("encoder_frontend.embed.weight", tensor),
      ("encoder.layers.0.self_attn_layer_norm.weight", Self.good),
    ])
    let temporary = try TemporaryDirectory()
    let storage = [UInt8](repeating: 0, count: 48)
    let file = try temporary.file("x.pt", ZipFile.checkpoint(pickle: pickle, storages: ["0": storage]).bytes)
    do {
      _ = try ReferenceFixture.small.modelImport(encoder: file).plan()
      return "nothing was wrong"
    } catch let error as ModelError {
      return error.description
    }
  }
}
