import Foundation
import TensorKernels

/// Several model instances at once, as a fleet's workers are: what they do together.
struct BenchFleet: Codable {
  let precision: String
  let workers: Int
  let threads: Int
  /// Units a second of all workers; a unit is 20 tokens encoded and 20 decoded.
  let unitsPerSecond: Double

  /// Starts the processes, lets them work at the same time, and adds up what they did.
  init(workers: Int, threads: Int, precision: Precision, model: String, modelPath: [String]) throws {
    let members = try (0..<workers).map { _ in
      try Member(
        arguments: [
          "bench-member", "--model", model, "--precision", precision.rawValue, "--threads", String(threads),
        ] + modelPath.flatMap { ["--model-path", $0] })
    }
    defer { for member in members { member.stop() } }
    for member in members { try member.waitUntilReady() }
    for member in members { member.go() }
    unitsPerSecond = try members.reduce(0) { $0 + (try $1.result()) }
    self.precision = precision.rawValue
    self.workers = workers
    self.threads = threads
  }

  /// The ways to use this machine's cores that are worth trying: one thread a worker, or a few.
  static func layouts(cores: Int) -> [(workers: Int, threads: Int)] {
    [1, 2, 4].filter { $0 <= cores }.map { (cores / $0, $0) }
  }

  private final class Member {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()

    init(arguments: [String]) throws {
      process.executableURL = Executable.url
      process.arguments = arguments
      process.standardInput = input
      process.standardOutput = output
      process.environment = FleetProcess.environment
      try process.run()
    }

    func waitUntilReady() throws {
      guard line() == BenchMember.ready else { throw CommandError("a measuring process ended before it was ready") }
    }

    func go() { try? input.fileHandleForWriting.write(contentsOf: Data("go\n".utf8)) }

    func result() throws -> Double {
      guard let rate = line().flatMap(Double.init) else { throw CommandError("a measuring process gave no result") }
      return rate
    }

    func stop() {
      if process.isRunning { process.terminate() }
      process.waitUntilExit()
    }

    private func line() -> String? {
      var bytes: [UInt8] = []
      while let byte = try? output.fileHandleForReading.read(upToCount: 1)?.first, byte != UInt8(ascii: "\n") {
        bytes.append(byte)
      }
      return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
    }
  }
}
