import SweepSpec

/// How the jobs that ended last ended.
struct EndedJobs {
  private var views: [JobID: JobView] = [:]
  private var order: [JobID] = []

  subscript(id: JobID) -> JobView? { views[id] }

  /// The last first.
  var all: [JobView] { order.reversed().compactMap { views[$0] } }

  mutating func add(_ view: JobView, keeping limit: Int) {
    forget(view.id)
    views[view.id] = view
    order.append(view.id)
    if order.count > limit { views[order.removeFirst()] = nil }
  }

  mutating func forget(_ id: JobID) { if views.removeValue(forKey: id) != nil { order.removeAll { $0 == id } } }
}
