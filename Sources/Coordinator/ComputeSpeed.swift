import Foundation

/// Units per second over the last seconds of work. Leases whose units are computed together end together: the first has all
/// the time and the others next to none, so that times are summed before units are divided by them.
package struct ComputeSpeed {
  /// Seconds of work after which what came before counts for a third.
  private static let memory = 3.0
  private var units = 0.0
  private var seconds = 0.0

  package init() {}

  /// Nil before any work.
  package var unitsPerSecond: Double? { units > 0 ? units / max(seconds, 1e-4) : nil }

  /// Takes what a lease cost; nonsense changes nothing.
  package mutating func observe(units more: UInt64, seconds spent: Double) {
    guard more > 0, spent.isFinite, spent >= 0 else { return }
    let kept = exp(-spent / Self.memory)
    units = kept * units + Double(more)
    seconds = kept * seconds + spent
  }
}
