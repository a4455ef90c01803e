import SweepSpec

/// What a job has had of the workers' time: start-time fair queueing (Goyal, Vin and Cheng, 1996), with leases in the
/// place of packets.
///
/// A lease goes to the job whose virtual time is the least. Virtual time grows by worker-seconds over priority, so that jobs
/// which always have units waiting get time in the ratio of their priorities, whatever their units cost.
struct FairShare {
  /// Worker-seconds over priority.
  private(set) var virtualTime = 0.0
  /// Worker-seconds a unit takes, by what was computed last; nil before the first lease.
  private(set) var secondsPerUnit: Double?

  mutating func charge(_ seconds: Double, _ priority: JobPriority) {
    virtualTime += seconds / Double(priority.rawValue)
  }

  /// Takes what a lease did cost, and was charged for.
  mutating func correct(charged: Double, cost: Double, units: UInt64, _ priority: JobPriority) {
    charge(cost - charged, priority)
    guard units > 0 else { return }
    let perUnit = cost / Double(units)
    secondsPerUnit = secondsPerUnit.map { 0.8 * $0 + 0.2 * perUnit } ?? perUnit
  }

  /// Time in which the job could not be served is not made up for: it begins where those it competes with are.
  ///
  /// - Parameter clock: the virtual time of the job that was served last, which outlives the job.
  mutating func start(at clock: Double) { virtualTime = max(virtualTime, clock) }
}
