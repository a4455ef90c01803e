import Foundation
import SonarModel
import Testing

@Suite("A pickle can name, call and build nothing but tensors")
struct HostilePickleTests {
  @Test(
    "a name that is not allowed is refused by its name, whatever the opcode",
    arguments: [
      ("posix", "system"), ("os", "system"), ("nt", "system"), ("builtins", "eval"), ("builtins", "exec"),
      ("__builtin__", "eval"), ("builtins", "getattr"), ("subprocess", "Popen"), ("torch", "load"),
      ("torch.nn.modules.linear", "Linear"), ("collections", "defaultdict"), ("torch", "FloatStorage.__init__"),
      ("operator", "attrgetter"), ("torch._utils", "_rebuild_tensor"), ("argparse", "Namespace"),
    ])
  func names(module: String, name: String) throws {
    let command = "touch /tmp/sonarsweep-was-here"
    let programs = [
      PickleProgram.make { $0.call(module, name) { $0.text(command) } },
      PickleProgram.make {
        $0.text(module)
        $0.text(name)
        $0.raw([0x93])
        $0.tuple { $0.text(command) }
        $0.op("R")
      },
      PickleProgram.make { program in
        program.dictionary {
          $0.text("model")
          $0.call("collections", "OrderedDict") { _ in }
          $0.text("more")
          $0.global(module, name)
        }
      },
    ]
    for program in programs {
      let message = try #require(try refusal(of: program))
      #expect(message.contains("'\(module).\(name)'"), "\(message)")
    }
    #expect(!FileManager.default.fileExists(atPath: "/tmp/sonarsweep-was-here"))
  }

  @Test("a name with control characters does not reach the terminal")
  func controlCharacters() throws {
    let message = try #require(try refusal(of: PickleProgram.make { $0.global("evil\u{1B}[2J", "x\u{202E}y") }))
    #expect(message.contains("'evil?[2J.x?y'"))
  }

  @Test("an opcode that is not allowed is refused", arguments: Array("Ii0123456789FLSTUVPdlop") + ["\u{82}", "\u{92}"])
  func opcodes(opcode: Character) throws {
    let byte = UInt8(opcode.unicodeScalars.first?.value ?? 0)
    let message = try #require(try refusal(of: PickleProgram.make { $0.raw([byte]) }))
    #expect(message.contains("uses opcode 0x\(String(byte, radix: 16))"), "\(message)")
  }

  @Test(
    "allowed names are only called as torch.save calls them",
    arguments: [
      // An ordered dictionary of something, a storage that is called, an embedding that is called.
      PickleProgram.make { $0.call("collections", "OrderedDict") { $0.text("x") } },
      PickleProgram.make { $0.call("torch", "FloatStorage") { $0.integer(1 << 40) } },
      PickleProgram.make { $0.call("torch.nn.modules.sparse", "Embedding") { $0.integer(4) } },
      PickleProgram.make { $0.call("torch._utils", "_rebuild_tensor_v2") { $0.text("x") } },
      PickleProgram.make { $0.call("torch._utils", "_rebuild_parameter") { $0.text("x") } },
      // REDUCE of no function, and with no tuple.
      PickleProgram.make {
        $0.text("f")
        $0.tuple { _ in }
        $0.op("R")
      },
      PickleProgram.make {
        $0.global("collections", "OrderedDict")
        $0.text("x")
        $0.op("R")
      },
      // NEWOBJ of something that is no class, or with arguments.
      PickleProgram.make {
        $0.global("collections", "OrderedDict")
        $0.tuple { _ in }
        $0.raw([0x81])
      },
      PickleProgram.make {
        $0.global("torch.nn.modules.sparse", "Embedding")
        $0.tuple { $0.integer(1) }
        $0.raw([0x81])
      },
      // BUILD on a text, a list, a storage type; with a state that is no dictionary.
      PickleProgram.make {
        $0.text("x")
        $0.dictionary { _ in }
        $0.op("b")
      },
      PickleProgram.make {
        $0.op("]")
        $0.dictionary { _ in }
        $0.op("b")
      },
      PickleProgram.make {
        $0.global("torch", "FloatStorage")
        $0.dictionary { _ in }
        $0.op("b")
      },
      PickleProgram.make {
        $0.dictionary { _ in }
        $0.text("x")
        $0.op("b")
      },
      // Persistent ids that are no storage.
      PickleProgram.make {
        $0.text("x")
        $0.op("Q")
      },
      PickleProgram.make {
        $0.tuple { program in for number in 0..<5 { program.integer(number) } }
        $0.op("Q")
      },
      // Items for what has none.
      PickleProgram.make {
        $0.text("x")
        $0.text("y")
        $0.op("a")
      },
      PickleProgram.make {
        $0.op("}")
        $0.op("(")
        $0.text("key without value")
        $0.op("u")
      },
    ])
  func calls(program: [UInt8]) throws { #expect(try refusal(of: program)?.contains("its pickle") == true) }

  @Test(
    "the stack, the memo and the end are guarded",
    arguments: [
      [], [UInt8(ascii: ".")], [UInt8(ascii: "R")], [UInt8(ascii: "t")], [UInt8(ascii: "s")], [0x87],
      [UInt8(ascii: "("), UInt8(ascii: "R")], [UInt8(ascii: "h"), 7], [UInt8(ascii: "q"), 0],
      [UInt8(ascii: "X"), 0xFF, 0xFF, 0xFF, 0xFF], [UInt8(ascii: "X"), 1, 0, 0, 0, 0xFF], [0x8A, 200], [0x8A, 9],
      [0x80, 1], [0x80, 200], [UInt8(ascii: "c"), UInt8(ascii: "x")], [UInt8(ascii: "G"), 1, 2],
    ] as [[UInt8]])
  func damage(bytes: [UInt8]) throws {
    let temporary = try TemporaryDirectory()
    let file = try temporary.file("x.pt", ZipFile.checkpoint(pickle: [0x80, 2] + bytes).bytes)
    #expect(throws: ModelError.self) { try ReferenceFixture.small.modelImport(encoder: file).plan() }
  }

  @Test("a million levels of nesting, a million marks, and containers in themselves cost nothing")
  func nesting() throws {
    for unit in [[0x85], Array("]a".utf8)] as [[UInt8]] {
      // ((((...),),),) and [[[[...]]]]: neither is ever walked.
      let deep = PickleProgram.make {
        $0.op("]")
        $0.raw((0..<400_000).flatMap { _ in unit == [0x85] ? unit : [UInt8(ascii: "]")] })
        if unit != [0x85] { $0.raw([UInt8](repeating: UInt8(ascii: "a"), count: 190_000)) }
      }
      #expect(try refusal(of: deep) != nil)
    }
    #expect(
      try refusal(of: PickleProgram.make { $0.raw([UInt8](repeating: UInt8(ascii: "("), count: 1_000_000)) })?
        .contains("deep") == true)
    let itself = PickleProgram.make {
      $0.op("}")
      $0.raw([UInt8(ascii: "q"), 0])
      $0.text("model")
      $0.raw([UInt8(ascii: "h"), 0])
      $0.op("s")
    }
    #expect(try refusal(of: itself) != nil)
  }

  @Test("bombs stop at a limit: values, memo, items that double")
  func bombs() throws {
    let values = PickleProgram.make { $0.raw([UInt8](repeating: UInt8(ascii: "}"), count: 1_000_000)) }
    #expect(try refusal(of: values)?.contains("stacks more than") == true)
    let memo = PickleProgram.make { program in
      program.op("N")
      program.raw((0..<1_000_100).flatMap { [UInt8(ascii: "r")] + little(UInt32($0)) })
    }
    #expect(try refusal(of: memo)?.contains("remembers more than") == true)
    // A list, 100,000 long, appended to one list again and again.
    let items = PickleProgram.make { program in
      program.op("]")
      for _ in 0..<40 {
        program.op("(")
        program.raw([UInt8](repeating: UInt8(ascii: "N"), count: 100_000))
        program.op("e")
      }
    }
    #expect(try refusal(of: items)?.contains("too many values") == true)
    // Each tuple holds the one before it twice: 2^60 leaves, if they were ever counted.
    let laughs = PickleProgram.make { program in
      program.op("N")
      for i in 0..<60 { program.raw([UInt8(ascii: "q"), UInt8(i), UInt8(ascii: "h"), UInt8(i), 0x86]) }
    }
    #expect(try refusal(of: laughs)?.contains("holds no dictionary") == true)
    #expect(try refusal(of: [0x80, 2] + [UInt8](repeating: 0, count: 9 << 20))?.contains("more than") == true)
  }

  /// What an import says to a checkpoint with this pickle; nil where it takes it.
  private func refusal(of pickle: [UInt8]) throws -> String? {
    let temporary = try TemporaryDirectory()
    let file = try temporary.file("x.pt", ZipFile.checkpoint(pickle: pickle).bytes)
    do {
      _ = try ReferenceFixture.small.modelImport(encoder: file).plan()
      return nil
    } catch let error as ModelError {
      return error.description
    }
  }
}
