/// A reading of a clock that never goes back, given to state machines by whoever runs them.
public struct MonotonicInstant: Hashable, Comparable, Sendable {
  public let sinceStart: Duration

  public static let zero = Self(sinceStart: .zero)

  public init(sinceStart: Duration) { self.sinceStart = sinceStart }

  public static func + (instant: Self, duration: Duration) -> Self { Self(sinceStart: instant.sinceStart + duration) }
  public static func - (a: Self, b: Self) -> Duration { a.sinceStart - b.sinceStart }
  public static func < (a: Self, b: Self) -> Bool { a.sinceStart < b.sinceStart }
}

/// The process's monotonic clock.
public struct MonotonicClock: Sendable {
  private let start = ContinuousClock.now

  public init() {}

  public var now: MonotonicInstant { MonotonicInstant(sinceStart: ContinuousClock.now - start) }
}

extension Duration {
  public var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
