import ResultStore
import Testing

@Suite("Chunk grid")
struct ChunkGridTests {
  @Test(
    "every unit has bytes of its own, and consecutive units of a chunk lie one after the other",
    arguments: [([3, 2, 20], 1024), ([7], 4096), ([5, 3000], 4096), ([2, 3, 700], 1 << 20), ([4, 5], 8 << 20)])
  func slots(shape: [Int], unitBytes: Int) {
    let grid = ChunkGrid(shape: shape, unitBytes: unitBytes)
    let units = UInt64(shape.reduce(1, *))
    var seen: Set<ChunkGrid.Slot> = []
    var previous: ChunkGrid.Slot?
    for unit in 0..<units {
      let slot = grid.slot(of: unit)
      #expect(seen.insert(slot).inserted)
      #expect(slot.offset >= 0 && slot.offset + unitBytes <= grid.chunkBytes)
      if let previous, previous.chunk == slot.chunk { #expect(slot.offset == previous.offset + unitBytes) }
      previous = slot
    }
  }

  @Test("chunks are a few MiB at most, unless a unit alone is more")
  func size() {
    #expect(ChunkGrid(shape: [1_000_000], unitBytes: 4096).chunkBytes <= ChunkGrid.targetBytes)
    #expect(ChunkGrid(shape: [3, 2, 20], unitBytes: 1024).chunkShape == [3, 2, 20])
    #expect(ChunkGrid(shape: [10, 10], unitBytes: 8 << 20).chunkShape == [1, 1])
  }

  @Test("a sweep of 10^12 units has slots at once")
  func huge() {
    let grid = ChunkGrid(shape: [1_000_000, 1_000_000], unitBytes: 1024)
    #expect(grid.slot(of: 999_999_999_999).chunk.count == 2)
  }
}
