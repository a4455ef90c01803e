import ArgumentParser
import FleetProtocol
import Foundation
import SonarModel

/// One of several processes that `bench` measures together: says when its model is loaded, waits for a line, works for a
/// few seconds, and prints how many units it did a second.
struct BenchMember: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "bench-member", shouldDisplay: false)

  @OptionGroup var options: ModelOptions
  @OptionGroup var engine: EngineOptions

  static let ready = "ready"
  private static let units = 64
  private static let minimumTime = Duration.seconds(3)

  func run() throws {
    let model = try engine.load(options.directory())
    let encode = try BenchCase.encode(sequences: Self.units, tokens: BenchCase.tokensPerDecode).prepare(model)
    let decode = try BenchCase.decode(inFlight: Self.units).prepare(model)
    _ = (try encode(), try decode())
    print(Self.ready)
    fflush(nil)
    guard readLine() != nil else { return }
    let start = ContinuousClock.now
    var units = 0
    while ContinuousClock.now - start < Self.minimumTime {
      _ = (try encode(), try decode())
      units += Self.units
    }
    print(Double(units) / (ContinuousClock.now - start).seconds)
  }
}
