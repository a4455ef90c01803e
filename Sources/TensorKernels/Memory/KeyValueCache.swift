/// Keys and values of the tokens one decoding request has seen, for every layer.
///
/// A token has a slot; a hypothesis is a path of slots. Beams that share a prefix share its slots, so reordering beams
/// copies a list of integers and no keys, and the slots of hypotheses that were given up are taken by later tokens.
/// Storage grows by pages and never moves. Values are float32, or rounded to bfloat16 in the lower precisions.
public final class KeyValueCache: TokenCache {
  private static let pageSlots = 8
  private let layers: Int
  /// Bytes of one slot in one layer: the key, then the value.
  private let slotSize: Int
  let isHalf: Bool
  private var pages: [UnsafeMutableRawPointer] = []
  /// Slots from here on were never used, or not since `removeAll`.
  private var end: Int32 = 0
  private var free: [Int32] = []

  init(layers: Int, width: Int, isHalf: Bool) {
    self.layers = layers
    self.isHalf = isHalf
    slotSize = 2 * width * (isHalf ? 2 : 4)
  }

  deinit { for page in pages { page.deallocate() } }

  public func allocateSlot() -> Int32 {
    if let slot = free.popLast() { return slot }
    if Int(end) == pages.count * Self.pageSlots {
      pages.append(.allocate(byteCount: Self.pageSlots * layers * slotSize, alignment: MemoryAlignment.vector))
    }
    defer { end += 1 }
    return end
  }

  public func keepOnly(_ paths: [[Int32]]) {
    var isUsed = [Bool](repeating: false, count: Int(end))
    for path in paths { for slot in path { isUsed[Int(slot)] = true } }
    free.removeAll(keepingCapacity: true)
    for slot in 0..<end where !isUsed[Int(slot)] { free.append(slot) }
  }

  public func removeAll() {
    end = 0
    free.removeAll(keepingCapacity: true)
  }

  /// The key of a slot in a layer, followed by its value.
  func entry(_ slot: Int32, layer: Int) -> UnsafeMutableRawPointer {
    let (page, index) = Int(slot).quotientAndRemainder(dividingBy: Self.pageSlots)
    return pages[page] + (layer * Self.pageSlots + index) * slotSize
  }
}
