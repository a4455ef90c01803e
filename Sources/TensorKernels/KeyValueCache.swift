/// Keys and values of the tokens one decoding request has seen, for every layer.
///
/// A token has a slot; a hypothesis is a path of slots. Beams that share a prefix share its slots, so reordering beams
/// copies a list of integers and no keys. Storage grows by pages and never moves.
public final class KeyValueCache: TokenCache {
  private static let pageSlots = 32
  private let layers: Int
  /// Of one slot in one layer: the key, then the value.
  private let slotWidth: Int
  private var pages: [UnsafeMutablePointer<Float>] = []
  private var slots = 0

  init(layers: Int, width: Int) {
    self.layers = layers
    slotWidth = 2 * width
  }

  deinit { for page in pages { page.deallocate() } }

  public func allocateSlot() -> Int32 {
    if slots == pages.count * Self.pageSlots {
      pages.append(.allocate(capacity: Self.pageSlots * layers * slotWidth))
    }
    defer { slots += 1 }
    return Int32(slots)
  }

  public func removeAll() { slots = 0 }

  /// The key of a slot in a layer; its value follows at `width`.
  func entry(_ slot: Int32, layer: Int) -> UnsafeMutablePointer<Float> {
    let (page, index) = Int(slot).quotientAndRemainder(dividingBy: Self.pageSlots)
    return pages[page] + (layer * Self.pageSlots + index) * slotWidth
  }
}
