import ArgumentParser
import Foundation
import SonarModel
import TensorKernels

extension Precision: ExpressibleByArgument {}

/// How a model is run: `--precision` and `--threads`.
struct EngineOptions: ParsableArguments {
  @Option(help: "fp32, bf16 or int8: the number format of matrix products.") var precision = Precision.fp32
  @Option(help: "Threads of a matrix product.") var threads = 1

  func validate() throws {
    guard (1...1024).contains(threads) else { throw ValidationError("--threads must be 1 to 1024") }
  }

  func load(_ directory: ModelDirectory) throws -> SonarModel {
    try SonarModel(directory, precision: precision, threads: threads, cache: Self.cache)
  }

  static var cache: WeightCache? { WeightCache(environment: ProcessInfo.processInfo.environment) }
}
