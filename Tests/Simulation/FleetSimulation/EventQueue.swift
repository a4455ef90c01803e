/// Events by time; those of the same time in the order they were added, so that a run depends on its seed alone.
struct EventQueue<Event> {
  private struct Entry {
    let time: Duration
    let number: Int
    let event: Event

    func comes(before other: Entry) -> Bool { time != other.time ? time < other.time : number < other.number }
  }

  /// A binary heap, the next event first.
  private var heap: [Entry] = []
  private var added = 0

  mutating func add(_ event: Event, at time: Duration) {
    heap.append(Entry(time: time, number: added, event: event))
    added += 1
    var child = heap.count - 1
    while child > 0, heap[child].comes(before: heap[(child - 1) / 2]) {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func next() -> (time: Duration, event: Event)? {
    guard let first = heap.first, let last = heap.popLast() else { return nil }
    if !heap.isEmpty {
      heap[0] = last
      sink()
    }
    return (first.time, first.event)
  }

  private mutating func sink() {
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && heap[child].comes(before: heap[least]) {
        least = child
      }
      if least == parent { return }
      heap.swapAt(parent, least)
      parent = least
    }
  }
}
