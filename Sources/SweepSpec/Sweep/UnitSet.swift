/// A set of units, held as sorted disjoint ranges: as small as it is contiguous, whatever the sweep's size.
public struct UnitSet: Hashable, Sendable {
  public private(set) var ranges: [UnitRange] = []
  /// The number of units.
  public private(set) var count: UInt64 = 0

  public init() {}

  public init(_ range: UnitRange) { insert(range) }

  public init(_ ranges: some Sequence<UnitRange>) { for range in ranges { insert(range) } }

  public var isEmpty: Bool { ranges.isEmpty }
  public var first: UnitIndex? { ranges.first?.lowerBound }

  public func contains(_ unit: UnitIndex) -> Bool {
    let index = firstIndex(endingAfter: unit)
    return index < ranges.count && ranges[index].contains(unit)
  }

  /// Whether any of the range's units is in the set.
  public func overlaps(_ range: UnitRange) -> Bool {
    guard !range.isEmpty else { return false }
    let index = firstIndex(endingAfter: range.lowerBound)
    return index < ranges.count && ranges[index].lowerBound < range.upperBound
  }

  public mutating func insert(_ range: UnitRange) {
    guard !range.isEmpty else { return }
    // All ranges that overlap or touch the new one merge into it.
    let start = range.lowerBound == 0 ? 0 : firstIndex(endingAfter: range.lowerBound - 1)
    var end = start
    var merged = range
    while end < ranges.count, ranges[end].lowerBound <= range.upperBound {
      merged = min(merged.lowerBound, ranges[end].lowerBound)..<max(merged.upperBound, ranges[end].upperBound)
      count -= ranges[end].size
      end += 1
    }
    ranges.replaceSubrange(start..<end, with: CollectionOfOne(merged))
    count += merged.size
  }

  public mutating func remove(_ range: UnitRange) {
    guard !range.isEmpty else { return }
    let start = firstIndex(endingAfter: range.lowerBound)
    var end = start
    var kept: [UnitRange] = []
    while end < ranges.count, ranges[end].lowerBound < range.upperBound {
      let old = ranges[end]
      count -= old.size
      for part in [
        old.lowerBound..<max(old.lowerBound, range.lowerBound), min(old.upperBound, range.upperBound)..<old.upperBound,
      ]
      where !part.isEmpty {
        kept.append(part)
        count += part.size
      }
      end += 1
    }
    ranges.replaceSubrange(start..<end, with: kept)
  }

  public mutating func formUnion(_ other: UnitSet) { for range in other.ranges { insert(range) } }
  public mutating func subtract(_ other: UnitSet) { for range in other.ranges { remove(range) } }

  public func subtracting(_ other: UnitSet) -> UnitSet {
    var result = self
    result.subtract(other)
    return result
  }

  /// Removes and returns up to `limit` units from the front, as one contiguous range.
  public mutating func takeFirst(_ limit: UInt64) -> UnitRange? {
    guard let first = ranges.first, limit > 0 else { return nil }
    let taken = first.lowerBound..<min(first.upperBound, first.lowerBound.addingClamped(limit))
    remove(taken)
    return taken
  }

  /// The index of the first range whose upper bound is above `unit`.
  private func firstIndex(endingAfter unit: UnitIndex) -> Int {
    var (low, high) = (0, ranges.count)
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].upperBound > unit { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

extension UnitRange {
  /// The number of units; unlike `count` it has no limit of `Int`.
  public var size: UInt64 { upperBound - lowerBound }
}

extension UInt64 {
  fileprivate func addingClamped(_ other: UInt64) -> UInt64 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? .max : sum
  }
}
