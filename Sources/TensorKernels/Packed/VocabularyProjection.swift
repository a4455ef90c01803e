/// The map from states to logits, [vocabulary, width], in panels of columns.
///
/// Logits of a panel are reduced to what was asked before the next panel is computed, so that a batch's logits are never
/// all in memory, and a panel's are still in cache.
public final class VocabularyProjection {
  /// Columns of a panel. Fixed, since a row's log-sum-exp depends on it in the last bit.
  private static let panelWidth = 8192

  let panels: [PackedLinear]
  public let vocabulary: Int

  /// - Parameter makePanel: packs the rows of the table that a panel covers.
  init(vocabulary: Int, makePanel: (Range<Int>) throws -> PackedLinear) rethrows {
    self.vocabulary = vocabulary
    panels = try stride(from: 0, to: vocabulary, by: Self.panelWidth).map {
      try makePanel($0..<min($0 + Self.panelWidth, vocabulary))
    }
  }
}
