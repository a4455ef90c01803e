import Coordinator
import FleetProtocol
import FleetSecurity
import Foundation
import Monitoring
import SonarModel
import SweepSpec
import Testing

@Suite("Metrics of the fleet")
struct FleetMetricsTests {
  let client = Peer(routingID: [1])
  let store = Peer(routingID: [2])
  let worker = Peer(routingID: [3])

  /// A job of eight units that is open, and a worker that holds a lease of it.
  private func working() throws -> (Harness, LeaseGrant) {
    var fleet = Harness()
    let job = try Harness.makeJob(units: 8)
    fleet.job = job.id
    _ = fleet.send(
      .hello(Hello(role: .aggregator, instance: InstanceID(), name: "a", endpoint: "ipc:///a")), store)
    _ = fleet.submit(job, client)
    _ = fleet.send(.opened(OpenedJob(job: job.id, committed: [0..<1], counts: .init(done: 1))), store)
    _ = fleet.send(.hello(Harness.worker("w")), worker)
    let lease = try #require(fleet.leases(fleet.send(.request(leases: 1), worker)).first)
    return (fleet, lease)
  }

  @Test("units count as they become durable, and not those that were before")
  func committed() throws {
    var (fleet, _) = try working()
    #expect(fleet.metric("sonarsweep_units_committed_total", ["status": "done"]) == 0)
    #expect(fleet.metric("sonarsweep_last_commit_timestamp_seconds") == nil)
    #expect(fleet.metric("sonarsweep_units_remaining") == 7)
    _ = fleet.send(.committed(Committed(job: fleet.job, units: [1..<4], counts: .init(done: 3, failed: 1))), store)
    #expect(fleet.metric("sonarsweep_units_committed_total", ["status": "done"]) == 2)
    #expect(fleet.metric("sonarsweep_units_committed_total", ["status": "failed"]) == 1)
    #expect(fleet.metric("sonarsweep_units_remaining") == 4)
    #expect(fleet.metric("sonarsweep_job_units", ["job_id": fleet.job.rawValue, "status": "remaining"]) == 4)
    fleet.now = fleet.now + .seconds(3)
    #expect(fleet.metric("sonarsweep_last_commit_timestamp_seconds") == Harness.wall.timeIntervalSince1970 - 3)
  }

  @Test("a lost worker counts with the lease it held, one that says goodbye does not")
  func lost() throws {
    var (fleet, _) = try working()
    #expect(fleet.metric("sonarsweep_leases") == 1)
    let other = Peer(routingID: [4])
    _ = fleet.send(.hello(Harness.worker("other")), other)
    _ = fleet.send(.goodbye, other)
    #expect(fleet.metric("sonarsweep_workers_lost_total") == 0)
    fleet.now = fleet.now + .seconds(6)
    _ = fleet.tick()
    fleet.now = fleet.now + .seconds(6)
    _ = fleet.tick()
    #expect(fleet.metric("sonarsweep_workers_lost_total") == 1)
    #expect(fleet.metric("sonarsweep_leases") == 0)
  }

  @Test("a lease that its living worker does not renew counts as expired")
  func expired() throws {
    var (fleet, _) = try working()
    for _ in 0..<6 {
      fleet.now = fleet.now + .seconds(1)
      _ = fleet.send(.heartbeat(Heartbeat()), worker)
      _ = fleet.tick()
    }
    #expect(fleet.metric("sonarsweep_leases_expired_total") == 1)
    #expect(fleet.metric("sonarsweep_workers_lost_total") == 0)
  }

  @Test("shards and tokens count; numbers no clock gives do not")
  func shards() throws {
    var (fleet, lease) = try working()
    func computed(_ seconds: Double, _ work: ModelWork) -> FleetMessage {
      .computed(Computed(lease: lease.lease, units: 4, seconds: seconds, work: work))
    }
    _ = fleet.send(
      computed(2, ModelWork(encodedTokens: 300, encodeSeconds: 0.5, decodedTokens: 90, decodeSeconds: 1)), worker)
    _ = fleet.send(computed(-1, ModelWork(encodedTokens: .max, encodeSeconds: .nan)), worker)
    _ = fleet.send(computed(.infinity, ModelWork(encodedTokens: .max, encodeSeconds: -1)), worker)
    #expect(fleet.histogram("sonarsweep_shard_duration_seconds")?.sum == 2)
    #expect(fleet.histogram("sonarsweep_shard_duration_seconds")?.count == 1)
    #expect(fleet.histogram("sonarsweep_encode_tokens_per_second")?.sum == 600)
    #expect(fleet.histogram("sonarsweep_decode_tokens_per_second")?.sum == 90)
    #expect(fleet.metric("sonarsweep_decoded_tokens_total") == 90)
  }

  @Test("an aggregator's measurements are taken in, and only its own")
  func aggregator() throws {
    var (fleet, _) = try working()
    let measured = AggregatorMeasurements(
      commitSeconds: [0.5, .nan, -1, 0.25], pendingBytes: 7, diskFreeBytes: 100, diskSizeBytes: 400,
      refused: ["malformed": 2, "a reason\nthat is none": 1])
    _ = fleet.send(.measured(measured), worker)
    #expect(fleet.metric("sonarsweep_results_free_bytes") == nil)
    _ = fleet.send(.measured(measured), store)
    #expect(fleet.metric("sonarsweep_results_free_bytes") == 100)
    #expect(fleet.metric("sonarsweep_results_size_bytes") == 400)
    #expect(fleet.metric("sonarsweep_aggregator_pending_bytes") == 7)
    #expect(fleet.histogram("sonarsweep_commit_duration_seconds")?.sum == 0.75)
    #expect(fleet.metric("sonarsweep_refused_total", ["socket": "aggregator", "reason": "malformed"]) == 2)
    #expect(!PrometheusText.render(fleet.metrics).contains("none\""))
  }

  @Test("an aggregator that falls silent is not up, one that cannot write has a problem")
  func aggregatorIsUp() throws {
    var (fleet, _) = try working()
    #expect(fleet.metric("sonarsweep_aggregator_up") == 1)
    #expect(fleet.metric("sonarsweep_storage_problem") == 0)
    _ = fleet.send(.storage(StorageState(problem: "full")), store)
    #expect(fleet.metric("sonarsweep_storage_problem") == 1)
    fleet.now = fleet.now + .seconds(6)
    #expect(fleet.metric("sonarsweep_aggregator_up") == 0)
  }

  @Test("what the coordinator's own socket refused stands beside what the aggregator's did")
  func refused() throws {
    let (fleet, _) = try working()
    let text = PrometheusText.render(fleet.metrics(refused: ["role": 3]))
    #expect(text.contains("sonarsweep_refused_total{socket=\"coordinator\",reason=\"role\"} 3\n"))
    #expect(text.contains("sonarsweep_refused_total{socket=\"aggregator\",reason=\"role\"} 0\n"))
  }

  @Test("jobs count by phase, and those that ended by how")
  func ended() throws {
    var (fleet, _) = try working()
    #expect(fleet.metric("sonarsweep_jobs", ["phase": "running"]) == 1)
    _ = fleet.send(.committed(Committed(job: fleet.job, units: [1..<8], counts: .init(done: 8))), store)
    _ = fleet.send(.closed(ClosedJob(job: fleet.job, isComplete: true)), store)
    #expect(fleet.metric("sonarsweep_jobs", ["phase": "running"]) == 0)
    #expect(fleet.metric("sonarsweep_jobs_ended_total", ["phase": "done"]) == 1)
    #expect(fleet.metric("sonarsweep_jobs_ended_total", ["phase": "failed"]) == 0)
    #expect(fleet.metric("sonarsweep_units_remaining") == 0)
  }

  @Test("a unit its workers die of counts as quarantined, once")
  func quarantined() throws {
    var fleet = Harness()
    let job = try Harness.makeJob(units: 1)
    _ = fleet.send(
      .hello(Hello(role: .aggregator, instance: InstanceID(), name: "a", endpoint: "ipc:///a")), store)
    _ = fleet.submit(job, client)
    _ = fleet.send(.opened(OpenedJob(job: job.id)), store)
    // The first death only makes the unit a suspect.
    for death in 0..<6 where fleet.metric("sonarsweep_units_quarantined_total") == 0 {
      let peer = Peer(routingID: [10 + UInt8(death)])
      _ = fleet.send(.hello(Harness.worker("w\(death)")), peer)
      _ = fleet.send(.request(leases: 1), peer)
      for _ in 0..<6 {
        fleet.now = fleet.now + .seconds(1)
        _ = fleet.send(.heartbeat(Heartbeat()), store)
        _ = fleet.tick()
      }
    }
    #expect(fleet.metric("sonarsweep_units_quarantined_total") == 1)
    #expect(fleet.metric("sonarsweep_workers_lost_total") == 4)
  }
}

extension Harness {
  static let wall = Date(timeIntervalSince1970: 1_764_000_000)

  var metrics: [MetricFamily] { metrics(refused: [:]) }

  func metrics(refused: [String: UInt64]) -> [MetricFamily] {
    state.view(at: now, wall: Self.wall, refused: RefusalCounts(refused)).metrics
  }

  private func value(_ name: String, _ labels: KeyValuePairs<String, String>) -> MetricFamily.Sample.Value? {
    let wanted = labels.map { "\($0)=\($1)" }
    return metrics.first { $0.name == name }?.samples.first { $0.labels.map { "\($0.name)=\($0.value)" } == wanted }?
      .value
  }

  func metric(_ name: String, _ labels: KeyValuePairs<String, String> = [:]) -> Double? {
    if case .number(let value)? = value(name, labels) { value } else { nil }
  }

  func histogram(_ name: String) -> Histogram? {
    if case .histogram(let histogram)? = value(name, [:]) { histogram } else { nil }
  }
}
