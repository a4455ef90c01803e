/// What became of a committed unit. The raw value is the word on the wire and in the catalogue.
public enum UnitStatus: String, CaseIterable, Hashable, Sendable {
  case done
  case failed
  case skipped
}

/// Counts of committed units by status.
public struct UnitCounts: Hashable, Sendable {
  public var done: UInt64
  public var failed: UInt64
  public var skipped: UInt64

  public init(done: UInt64 = 0, failed: UInt64 = 0, skipped: UInt64 = 0) {
    self.done = done
    self.failed = failed
    self.skipped = skipped
  }

  public var total: UInt64 { done + failed + skipped }

  public mutating func add(_ count: UInt64 = 1, of status: UnitStatus) {
    switch status {
    case .done: done += count
    case .failed: failed += count
    case .skipped: skipped += count
    }
  }
}
