import ArgumentParser
import Foundation
import ResultStore
import SonarModel
import SweepSpec

/// What the fleet itself costs: units that need no computing, each with a 4 KiB embedding, from submission to durable.
///
/// Measured in turn, medians of several runs: the real fleet at growing sizes; a fleet over tcp, without and with keys; one
/// whose results lie in memory;
/// the result store alone, fed the same records by one process, which is the limit a fleet on this disk can reach; and
/// Python's `multiprocessing.Pool` on the same work without any durability, as a peer everyone has.
@main
struct DispatchBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "dispatch-benchmark")

  @Option(help: "The sweeps' sizes, in units.") var units = [10_000, 100_000, 1_000_000]
  @Option(help: "Worker processes.") var workers = 2
  @Option(help: "Runs of each measurement; the median counts.") var runs = 3
  @Option(help: "Where results are written and removed again; the disk under test.") var directory = FileManager.default
    .temporaryDirectory.path
  @Option(help: "A directory in memory: what durability costs is the difference.") var memory = "/dev/shm"
  @Option(help: "The sonarsweep program.") var binary = ".build/release/sonarsweep"

  private static let dim = 1024

  func run() throws {
    let startup = try median { try fleet(units: 1) }
    print("fleet start and stop: \(Self.format(startup, 2)) s, subtracted below\n")
    print("what                        units        units/s    µs/unit")
    var perUnit: [Double] = []
    for units in units {
      let seconds = try median { try fleet(units: units) } - startup
      perUnit.append(seconds / Double(units) * 1e6)
      report("fleet, \(workers) workers, durable", units, seconds)
    }
    let reference = units.dropLast().last ?? units[0]
    for (name, keys) in [("fleet over tcp", false), ("fleet over tcp, with keys (CURVE)", true)] {
      report(name, reference, try median { try tcpFleet(units: reference, withKeys: keys) })
    }
    // In memory a sync costs nothing.
    report("fleet, results in \(memory)", reference, try median { try fleet(units: reference, in: memory) } - startup)
    report("result store alone, durable", reference, try median { try store(units: reference) })
    report("multiprocessing.Pool, chunks of 64", reference, try median { try pool(units: reference) })
    if let least = perUnit.min(), let most = perUnit.max() {
      print("\ncost per unit over the sizes: \(Self.format(most / least, 2)) × from least to most")
    }
  }

  private func report(_ what: String, _ units: Int, _ seconds: Double) {
    let columns = [
      what.padding(toLength: 34, withPad: " ", startingAt: 0),
      String(format: "%9d", units), String(format: "%10.0f", Double(units) / seconds),
      String(format: "%10.1f", seconds / Double(units) * 1e6),
    ]
    print(columns.joined(separator: " "))
  }

  /// Seconds of a whole `sonarsweep run`.
  private func fleet(units: Int, in parent: String? = nil) throws -> Double {
    try withDirectory(in: parent) { directory in
      let job = try writeJob(units, in: directory)
      return try time(binary, ["run", job.path, "--workers", String(workers), "--results", directory.path, "--quiet"])
    }
  }

  /// Seconds from submission to done, of a fleet that has started.
  private func tcpFleet(units: Int, withKeys: Bool) throws -> Double {
    try withDirectory { directory in
      let library = ModelLibrary(extra: [], environment: [:], executable: directory)
      func job(_ units: Int) throws -> Job {
        try JobFile.load(writeJob(units, in: directory), model: nil, library: library)
      }
      let fleet = try TCPFleet(binary, workers: workers, directory: directory, withKeys: withKeys)
      defer { fleet.stop() }
      _ = try fleet.seconds(of: job(1), workers: workers)
      return try fleet.seconds(of: job(units))
    }
  }

  /// Seconds to commit the same records from one process, in commits of 1,024.
  private func store(units: Int) throws -> Double {
    try withDirectory { directory in
      let library = ModelLibrary(extra: [], environment: [:], executable: directory)
      let job = try JobFile.load(writeJob(units, in: directory), model: nil, library: library)
      let store = try ResultStore(job: job, results: directory)
      let worker = StoreWorker(instance: "benchmark", name: "benchmark")
      let clock = ContinuousClock()
      let elapsed = try clock.measure {
        for start in stride(from: 0, to: units, by: 1024) {
          let records = (start..<min(start + 1024, units)).map { unit in
            Record(
              unit: UInt64(unit),
              outcome: .done(embedding: .init(repeating: Float(unit), count: Self.dim), decodes: []),
              seconds: 0)
          }
          _ = try store.commit([(worker, records)])
        }
        try store.finish()
      }
      return seconds(elapsed)
    }
  }

  /// Seconds of a process pool that returns 4 KiB per task to its parent and keeps nothing.
  private func pool(units: Int) throws -> Double {
    let program = """
      import array, multiprocessing, sys, time
      def task(unit): return array.array("f", range(unit % 7, unit % 7 + \(Self.dim))).tobytes()
      if __name__ == "__main__":
        units, workers = int(sys.argv[1]), int(sys.argv[2])
        with multiprocessing.Pool(workers) as pool:
          start = time.perf_counter()
          total = sum(len(result) for result in pool.imap_unordered(task, range(units), chunksize=64))
          assert total == units * \(4 * Self.dim)
          print(time.perf_counter() - start)
      """
    let output = Pipe()
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", "-c", program, String(units), String(workers)]
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard let seconds = Double(text.trimmingCharacters(in: .whitespacesAndNewlines)) else {
      throw ValidationError("the process pool failed")
    }
    return seconds
  }

  private func writeJob(_ units: Int, in directory: URL) throws -> URL {
    let file = directory.appending(path: "job.yaml")
    let job = "name: dispatch\nmodel: none\nsweep: {kind: null-probe, units: \(units), dim: \(Self.dim)}\n"
    try Data(job.utf8).write(to: file)
    return file
  }

  private func withDirectory<Result>(in parent: String? = nil, _ body: (URL) throws -> Result) throws -> Result {
    let directory = URL(filePath: parent ?? self.directory).appending(path: "dispatch-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    return try body(directory)
  }

  private func time(_ program: String, _ arguments: [String]) throws -> Double {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    process.standardOutput = FileHandle.nullDevice
    let start = ContinuousClock.now
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw ValidationError("\(program) failed") }
    return seconds(ContinuousClock.now - start)
  }

  private func median(_ measure: () throws -> Double) throws -> Double {
    let values = try (0..<max(1, runs)).map { _ in try measure() }.sorted()
    return values[values.count / 2]
  }

  private func seconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
  }

  private static func format(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }
}
