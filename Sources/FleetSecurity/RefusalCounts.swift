/// How often something was refused, by reason.
package struct RefusalCounts: Hashable, Sendable {
  /// Every reason there is, as metrics name it.
  package static let reasons = RefusalLog.Kind.allCases.map(\.reason)

  package private(set) var byReason: [String: UInt64]

  package init(_ byReason: [String: UInt64] = [:]) { self.byReason = byReason }

  package static func + (a: Self, b: Self) -> Self { Self(a.byReason.merging(b.byReason, uniquingKeysWith: &+)) }

  /// What came to these since they were `before`; reasons without any are left out.
  package func since(_ before: Self) -> Self {
    Self(
      byReason.reduce(into: [:]) { result, entry in
        let more = entry.value - min(entry.value, before.byReason[entry.key] ?? 0)
        if more > 0 { result[entry.key] = more }
      })
  }
}
