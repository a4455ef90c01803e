import Foundation

/// Maps values to lengths, and chooses round values to mark.
package struct Scale {
  let domain: ClosedRange<Double>
  let isLogarithmic: Bool
  /// Where the ends of the domain lie; the start may be the larger.
  package var start: Double
  package var end: Double
  private let step: Double

  /// - Parameters:
  ///   - bounds: what has to fit; nil for nothing.
  ///   - padding: room beyond the bounds, as a share of their distance.
  package init(bounds: ClosedRange<Double>?, isLogarithmic: Bool = false, padding: Double = 0, marks: Int = 6) {
    self.isLogarithmic = isLogarithmic
    var (low, high) = (bounds?.lowerBound ?? (isLogarithmic ? 1 : 0), bounds?.upperBound ?? (isLogarithmic ? 10 : 1))
    if isLogarithmic {
      if low == high { (low, high) = (low / 2, high * 2) }
      let ratio = pow(high / low, padding)
      domain = low / ratio...high * ratio
    } else {
      if low == high {
        let room = low == 0 ? 0.5 : abs(low) / 10
        (low, high) = (low - room, high + room)
      }
      domain = (low - (high - low) * padding)...(high + (high - low) * padding)
    }
    (start, end) = (0, 1)
    step = Self.roundStep((domain.upperBound - domain.lowerBound) / Double(marks))
  }

  /// A scale with a given domain, as when a range is widened to make two scales equal.
  package init(domain: ClosedRange<Double>, marks: Int = 6) {
    self.domain = domain
    isLogarithmic = false
    (start, end) = (0, 1)
    step = Self.roundStep((domain.upperBound - domain.lowerBound) / Double(marks))
  }

  package func callAsFunction(_ value: Double) -> Double {
    let (low, high) = (domain.lowerBound, domain.upperBound)
    let share = isLogarithmic ? log(value / low) / log(high / low) : (value - low) / (high - low)
    return start + share * (end - start)
  }

  /// Whether a value can be shown at all.
  func shows(_ value: Double) -> Bool { value.isFinite && (!isLogarithmic || value > 0) }

  /// Round values within the domain, in order, with their labels.
  package var ticks: [(value: Double, label: String)] { isLogarithmic ? logarithmicTicks : linearTicks }

  private var linearTicks: [(value: Double, label: String)] {
    let (first, last) = (ceil(domain.lowerBound / step - 1e-9), floor(domain.upperBound / step + 1e-9))
    guard last >= first, last - first < 100 else { return [] }
    return stride(from: first, through: last, by: 1).map { ($0 * step, NumberText.tick($0 * step, step: step)) }
  }

  private var logarithmicTicks: [(value: Double, label: String)] {
    let (first, last) = (Int(floor(log10(domain.lowerBound))), Int(ceil(log10(domain.upperBound))))
    let decades = log10(domain.upperBound / domain.lowerBound)
    let factors: [Double] = decades > 3 ? [1] : [1, 2, 5]
    let skip = max(1, Int(decades / 8))
    return (first...last).filter { ($0 - first) % skip == 0 }.flatMap { exponent in
      factors.map { $0 * pow(10, Double(exponent)) }
    }.filter { domain.contains($0) }.map { value in
      (value, (1e-3..<1e6).contains(value) ? NumberText.measured(value) : NumberText.scientific(value, digits: 2))
    }
  }

  /// 1, 2 or 5 times a power of ten, at least as large.
  private static func roundStep(_ rough: Double) -> Double {
    guard rough > 0, rough.isFinite else { return 1 }
    let power = pow(10, floor(log10(rough)))
    return ([1, 2, 5].first { $0 * power >= rough * (1 - 1e-9) } ?? 10) * power
  }
}

/// The least and greatest of values that are numbers; nil where there are none.
func bounds(_ values: some Sequence<Double>, positive: Bool = false) -> ClosedRange<Double>? {
  var result: (low: Double, high: Double)?
  for value in values where value.isFinite && (!positive || value > 0) {
    result = result.map { (min($0.low, value), max($0.high, value)) } ?? (value, value)
  }
  return result.map { $0.low...$0.high }
}
