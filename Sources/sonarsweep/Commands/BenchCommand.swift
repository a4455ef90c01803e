import ArgumentParser
import Foundation
import SonarModel
import TensorKernels

struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Measure the engine on this machine, and how many workers to start.",
    discussion: """
      Cases: encode-32x20 is 32 sequences of 20 tokens encoded together; decode-128 is 128 embeddings decoded together, \
      greedily, 20 tokens each; beam-5x8 is 8 embeddings decoded by beam search of size 5, where the best hypothesis's \
      tokens count. Other numbers will do. 'of limit' compares with oneDNN's bare matrix products of the same shapes. Without --case the usual cases are measured, and then several worker \
      processes at once, which gives the recommended --workers and --threads of 'run'.

      Examples:
        sonarsweep bench
        sonarsweep bench --accuracy --precision bf16
        sonarsweep bench --model sonar --precision bf16 --threads 2 --case encode-32x20 --case decode-128 --output json
      """)

  @OptionGroup var options: ModelOptions
  @Option(help: "fp32, bf16 or int8; may be repeated. Default: each that this processor has.") var precision:
    [Precision] = []
  @Option(help: "Threads of a matrix product; may be repeated. Default: 1.") var threads: [Int] = []
  @Option(name: .customLong("case"), help: "What to measure; may be repeated.") var cases: [BenchCase] = []
  @Option(name: .customLong("repeat"), help: "Runs of each case, of which the median counts.") var runs = 3
  @Flag(help: "Measure, in place of speed, what each precision changes beside fp32, on 1,000 inputs.") var accuracy =
    false
  @Option(help: "table, or json: one JSON object a line.") var output = OutputFormat.table

  func validate() throws {
    guard threads.allSatisfy({ (1...1024).contains($0) }) else { throw ValidationError("--threads must be 1 to 1024") }
    guard (1...1000).contains(runs) else { throw ValidationError("--repeat must be 1 to 1000") }
  }

  func run() throws {
    let directory = try options.directory()
    if output == .table {
      print("model \(directory.name), \(Self.cores) cores, vector kernels \(CPUBackend.vectorKernels)\n")
    }
    if accuracy { return try measureAccuracy(directory) }
    let usable = try measureCases(directory)
    if cases.isEmpty { try measureFleets(usable, directory) }
  }

  /// Calls `body` with a model in each precision and thread count that was asked for, and returns the precisions that
  /// this processor has.
  private func forEachModel(_ directory: ModelDirectory, _ body: (SonarModel, _ threads: Int) throws -> Void) throws
    -> [Precision]
  {
    try (precision.isEmpty ? Precision.allCases : precision).filter { precision in
      do {
        for threads in threads.isEmpty ? [1] : threads {
          try body(
            SonarModel(directory, precision: precision, threads: threads, cache: EngineOptions.cache), threads)
        }
        return true
      } catch let error as TensorError where self.precision.isEmpty {
        Output.note("\(precision.rawValue) is left out: \(error)")
        return false
      }
    }
  }

  private func measureCases(_ directory: ModelDirectory) throws -> [Precision] {
    let widths = [9, 7, 14, 9, 11, 8, 9]
    if output == .table {
      try Output.row(["precision", "threads", "case", "rate", "", "of limit", "peak RSS"], widths: widths)
    }
    return try forEachModel(directory) { model, threads in
      for benchCase in cases.isEmpty ? BenchCase.standard : cases {
        try report(BenchMeasurement(benchCase, model, threads: threads, runs: runs), widths)
      }
    }
  }

  private func measureAccuracy(_ directory: ModelDirectory) throws {
    let widths = [9, 6, 20, 20, 18]
    if output == .table {
      try Output.row(
        ["precision", "inputs", "cosine mean, worst", "error mean, worst", "identical decodes"], widths: widths)
    }
    let reference = try SonarModel(directory, cache: EngineOptions.cache)
    let inputs = BenchAccuracy.inputs(1000, reference)
    let expected = try BenchAccuracy.Outcome(reference, inputs)
    _ = try forEachModel(directory) { model, _ in
      let result = BenchAccuracy(try .init(model, inputs), reference: expected)
      switch output {
      case .json: try Output.jsonLine(result)
      case .table:
        try Output.row(
          [
            result.precision, String(result.inputs),
            String(format: "%.6f, %.6f", result.meanCosine, result.worstCosine),
            String(format: "%.2g, %.2g", result.meanRelativeError, result.worstRelativeError),
            String(format: "%.1f%%", result.identicalDecodes * 100),
          ], widths: widths)
      }
    }
  }

  private static var cores: Int { ProcessInfo.processInfo.activeProcessorCount }

  private func report(_ result: BenchMeasurement, _ widths: [Int]) throws {
    switch output {
    case .json: try Output.jsonLine(result)
    case .table:
      try Output.row(
        [
          result.precision, String(result.threads), result.case, String(format: "%.1f", result.rate), result.unit,
          String(format: "%.0f%%", result.shareOfLimit * 100), "\(result.peakRss >> 20) MiB",
        ], widths: widths)
    }
  }

  private func measureFleets(_ precisions: [Precision], _ directory: ModelDirectory) throws {
    let widths = [9, 7, 7, 9]
    if output == .table {
      print("\nunits/s of several workers at once (a unit: 20 tokens encoded, 20 decoded)\n")
      try Output.row(["precision", "workers", "threads", "units/s"], widths: widths)
    }
    for precision in precisions {
      var best: BenchFleet?
      for (workers, threads) in BenchFleet.layouts(cores: Self.cores) {
        let fleet = try BenchFleet(
          workers: workers, threads: threads, precision: precision, model: directory.url.path + "/", modelPath: [])
        switch output {
        case .json: try Output.jsonLine(fleet)
        case .table:
          try Output.row(
            [fleet.precision, String(workers), String(threads), String(format: "%.1f", fleet.unitsPerSecond)],
            widths: widths)
        }
        if fleet.unitsPerSecond > best?.unitsPerSecond ?? 0 { best = fleet }
      }
      if output == .table, let best {
        print("recommended for \(precision.rawValue): --workers \(best.workers) --threads \(best.threads)")
      }
    }
  }
}
