import FleetProtocol

/// Workers that wait for leases, first come first served. Adding and removing take constant time on average.
struct AskerQueue {
  private var order: [InstanceID] = []
  private var members: Set<InstanceID> = []

  var isEmpty: Bool { members.isEmpty }

  /// Those who wait, the longest first.
  var all: [InstanceID] {
    var left = members
    return order.filter { left.remove($0) != nil }
  }

  mutating func add(_ worker: InstanceID) { if members.insert(worker).inserted { order.append(worker) } }

  mutating func remove(_ worker: InstanceID) {
    guard members.remove(worker) != nil else { return }
    // Places of those who left are cleared away now and then.
    if order.count > 2 * members.count + 64 { order = all }
  }
}
