/// What a token allows; each role allows what those before it do.
public enum TokenRole: String, Sendable, Codable, CaseIterable, Comparable {
  /// See everything.
  case read
  /// Submit, change and cancel jobs.
  case submit
  /// Drain workers.
  case admin

  private var rank: Int { self == .read ? 0 : self == .submit ? 1 : 2 }

  public static func < (a: Self, b: Self) -> Bool { a.rank < b.rank }
}
