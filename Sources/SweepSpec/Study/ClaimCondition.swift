/// What a finding must be for a claim to hold: `{above: 0.9}`, `{below: 0.1}`, `{between: [0.4, 0.6]}`, optionally
/// with `p_below: 0.01`.
public struct ClaimCondition: Hashable, Sendable {
  public enum Bounds: Hashable, Sendable {
    case above(Double)
    case below(Double)
    /// Both ends included.
    case between(Double, Double)
  }

  public let bounds: Bounds
  /// Above this p-value nothing is decided; nil where it does not matter.
  public let pBelow: Double?

  public init(_ bounds: Bounds, pBelow: Double? = nil) {
    self.bounds = bounds
    self.pBelow = pBelow
  }

  /// Holds where the whole interval meets the bounds, does not where the whole interval misses them, and is undecided
  /// between. Without an interval the value alone counts.
  func judge(_ finding: StudyFinding) -> Judgement {
    guard finding.value.isFinite else { return Judgement(.undecided, finding, because: "the value is not a number") }
    let low = min(finding.low ?? finding.value, finding.value)
    let high = max(finding.high ?? finding.value, finding.value)
    let (isInside, isOutside) =
      switch bounds {
      case .above(let bound): (low > bound, high <= bound)
      case .below(let bound): (high < bound, low >= bound)
      case .between(let first, let last): (low >= first && high <= last, high < first || low > last)
      }
    if isOutside { return Judgement(.doesNotHold, finding) }
    guard isInside else {
      return Judgement(.undecided, finding, because: "the interval lies on both sides of the bound")
    }
    if let pBelow {
      guard let p = finding.pValue else { return Judgement(.undecided, finding, because: "the finding has no p-value") }
      guard p < pBelow else { return Judgement(.undecided, finding, because: "p is not below \(pBelow)") }
    }
    return Judgement(.holds, finding)
  }

  public var description: String {
    let text =
      switch bounds {
      case .above(let bound): "above \(bound)"
      case .below(let bound): "below \(bound)"
      case .between(let low, let high): "\(low) to \(high)"
      }
    return text + (pBelow.map { ", p below \($0)" } ?? "")
  }
}
