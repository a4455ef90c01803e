import Foundation
import SonarModel
import Testing

@Suite("A zip archive's records must agree with its bytes")
struct HostileZipTests {
  private static let pickle = PickleProgram.make { $0.op("N") }
  /// What a sound archive with this pickle leads to.
  private static let next = "holds no dictionary"

  private static var sound: ZipFile { .checkpoint(pickle: pickle, storages: ["0": [UInt8](repeating: 1, count: 64)]) }

  @Test("a sound archive is taken") func soundArchive() throws {
    #expect(try refusal(of: Self.sound.bytes).contains(Self.next))
  }

  private static let lies: [Lie<ZipFile>] = [
    Lie("compressed") { $0.entries[0].method = 8 }, Lie("encrypted") { $0.entries[0].flags = 1 },
    Lie("a directory that claims more") { $0.entries[1].listedSize = 1 << 20 },
    Lie("a directory that claims 4 GB") { $0.entries[1].listedSize = .max - 1 },
    Lie("a size left to a zip64 field that is not there") { $0.entries[1].listedSize = .max },
    Lie("a local header that claims less") { $0.entries[1].localSize = 3 },
    Lie("another name") { $0.entries[1].localName = "archive/data/7" },
    Lie("a longer name") { $0.entries[1].localName = "archive/data/00" },
    Lie("overlapping entries") { $0.entries[1].offset = 0 },
    Lie("an offset into an entry") { $0.entries[1].offset = 40 },
    Lie("an offset beyond the file") { $0.entries[1].offset = 1 << 30 },
    Lie("a name twice") { $0.entries.append($0.entries[1]) }, Lie("more entries than there are") { $0.count = 3 },
    Lie("fewer") { $0.count = 1 }, Lie("none") { $0.count = 0 }, Lie("65,534 entries") { $0.count = 0xFFFE },
    Lie("a directory elsewhere") { $0.directoryOffset = 3 },
    Lie("a directory beyond the file") { $0.directoryOffset = 1 << 30 },
    Lie("a directory of another size") { $0.directorySize = 7 }, Lie("a directory of 4 GB") { $0.directorySize = .max },
    Lie("no pickle") { $0.entries.remove(at: 0) },
    Lie("a big-endian machine") { $0.entries.append(.init(name: "archive/byteorder", content: Array("big".utf8))) },
  ]

  @Test("lies are refused", arguments: lies)
  func refused(lie: Lie<ZipFile>) throws {
    var archive = Self.sound
    lie.tell(&archive)
    let message = try refusal(of: archive.bytes)
    #expect(!message.contains(Self.next) && message != "taken", "\(lie): \(message)")
  }

  @Test(
    "a checkpoint cut off anywhere is refused",
    arguments: ["encoder.pt", "legacy_encoder.pt", "hf/encoder.safetensors"])
  func truncation(name: String) throws {
    let temporary = try TemporaryDirectory()
    let whole = try Data(contentsOf: ReferenceFixture.small.directory.appending(path: name))
    let file = try temporary.file("cut", whole)
    let importing = ReferenceFixture.small.modelImport(encoder: file)
    let lengths = Array(stride(from: 0, to: whole.count, by: 499)) + Array(whole.count - 200..<whole.count)
    for length in lengths.sorted(by: >) {
      #expect(truncate(file.path, off_t(length)) == 0)
      #expect(throws: ModelError.self, "\(length) bytes") { try importing.plan() }
    }
  }

  @Test("a file of before torch 1.6 is refused with a hint how to convert it")
  func oldTorch() throws {
    #expect(try refusal(of: [0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46]).contains("torch.save(torch.load("))
    #expect(try refusal(of: Array("hello".utf8)).contains("no checkpoint of a known form"))
    #expect(try refusal(of: []).contains("no checkpoint of a known form"))
  }

  @Test("pipes, devices and directories are refused at once")
  func notFiles() throws {
    let temporary = try TemporaryDirectory()
    let pipe = temporary.url.appending(path: "pipe")
    #expect(mkfifo(pipe.path, 0o600) == 0)
    for url in [pipe, URL(filePath: "/dev/zero"), temporary.url, temporary.url.appending(path: "missing")] {
      #expect(throws: ModelError.self) { try ReferenceFixture.small.modelImport(encoder: url).plan() }
    }
  }

  private func refusal(of bytes: [UInt8]) throws -> String {
    let temporary = try TemporaryDirectory()
    let file = try temporary.file("x.pt", bytes)
    do {
      _ = try ReferenceFixture.small.modelImport(encoder: file).plan()
      return "taken"
    } catch let error as ModelError {
      return error.description
    }
  }
}
