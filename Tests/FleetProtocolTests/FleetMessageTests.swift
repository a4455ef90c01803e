import FleetProtocol
import Messaging
import SonarModel
import SweepSpec
import TestSupport
import Testing

@Suite("Messages of the fleet")
struct FleetMessageTests {
  static let job = JobID(rawValue: "position-0123abcd")!
  static let payload = JobPayload(
    job: job, spec: [1, 2, 3], assets: [AssetReference(sha256: String(repeating: "a", count: 64)): [9, 8]])
  static let counts = UnitCounts(done: 5, failed: 1, skipped: 2)
  static let record = Record(
    unit: .max >> 1,
    outcome: .done(
      embedding: [1.5, -0.25, .greatestFiniteMagnitude], states: [[1, 2, 3], [-0.5, 0, 7]],
      decodes: [
        DecodedText(
          language: "eng_Latn", ids: [TokenID(4), TokenID(3)], text: "señor", logProbability: -0.5, score: nil,
          expectation: .init(text: "señora", tokens: 3, errors: 1)),
        DecodedText(language: "spa_Latn", ids: [], text: "", logProbability: 0, score: -3.25, expectation: nil),
      ]), attempt: 3, seconds: 0.125)

  static let messages: [FleetMessage] = [
    .hello(
      Hello(role: .worker, instance: InstanceID(), name: "host:1", model: "m", fingerprint: ModelFingerprint("ff"))),
    .hello(Hello(role: .aggregator, instance: InstanceID(), name: "host:2", endpoint: "tcp://127.0.0.1:1")),
    .heartbeat(Heartbeat(leases: [LeaseID(rawValue: 1), LeaseID(rawValue: .max)], wanted: 1)), .goodbye, .identify,
    .refused(reason: "no"), .request(leases: 2),
    .computed(Computed(lease: LeaseID(rawValue: 7), units: 100, seconds: 0.75)),
    .welcome(Welcome(heartbeatSeconds: 1, aggregator: "ipc:///x")), .job(payload),
    .lease(LeaseGrant(lease: LeaseID(rawValue: 7), job: job, units: 10..<20, attempt: 1)),
    .revoke(LeaseID(rawValue: 7)), .forget(job), .dismiss(reason: "drained"),
    .retry(RetryOrder(job: job, code: "too_long", number: .max)),
    .measured(
      AggregatorMeasurements(
        commitSeconds: [0.5, 2], pendingBytes: 7, diskFreeBytes: 1 << 40, diskSizeBytes: 1 << 41,
        refused: ["malformed": 3])),
    .computed(
      Computed(
        lease: LeaseID(rawValue: 8), units: 9, seconds: 2,
        work: ModelWork(encodedTokens: 100, encodeSeconds: 0.5, decodedTokens: 50, decodeSeconds: 0.25))),
    .records(
      RecordBatch(
        batch: BatchID(rawValue: 1), job: job, fingerprint: ModelFingerprint("ff"),
        records: [
          record, Record(unit: 1, outcome: .skipped, seconds: 0),
          Record(unit: 2, outcome: .failed(UnitError(code: "too-long", message: "600 tokens")), seconds: 0),
        ])),
    .acknowledge(
      Acknowledgement(committed: [BatchID(rawValue: 1)], refused: [BatchID(rawValue: 2): "bad"], creditBytes: 1 << 20)),
    .open(payload), .opened(OpenedJob(job: job, committed: [0..<5, 7..<8], counts: counts)),
    .opened(OpenedJob(job: job, problem: "disk")), .committed(Committed(job: job, units: [3..<4], counts: counts)),
    .quarantine(Quarantine(job: job, units: [3..<4], attempt: 7, reason: "it kills")),
    .discarded(Discarded(job: job, units: [3..<4, 9..<10], worker: InstanceID())), .close(job),
    .closed(ClosedJob(job: job, isComplete: true)), .closed(ClosedJob(job: job, isComplete: false)),
    .storage(StorageState(problem: "full")), .submit(payload), .accepted(job),
    .rejected(reason: "no"), .statusRequest(job),
    .status(
      JobStatus(
        job: job, phase: .running, units: 1 << 40, counts: counts, rate: 12.5, workers: 3, leases: 4, problem: "")),
  ]

  @Test("every message comes back as it was", arguments: messages)
  func roundTrip(message: FleetMessage) throws {
    #expect(try FleetMessage(decoding: message.encoded()) == message)
  }

  /// Fields that may be missing.
  static let optional: Set = ["encoded_tokens", "encode_seconds", "decoded_tokens", "decode_seconds", "retried"]

  @Test("a message with a field missing, or of another type, is refused by name", arguments: messages)
  func fields(message: FleetMessage) throws {
    guard case .map(let fields) = try MessagePackValue(decoding: message.encoded()) else { return }
    for key in fields.keys {
      let missing = Self.optional.contains(key) ? [] : [fields.filter { $0.key != key }]
      for wrong in missing + [fields.merging([key: .array([.null])]) { $1 }] {
        let bytes = MessagePackValue.map(wrong).encoded()
        #expect(throws: MessagingError.self, "\(key)") { try FleetMessage(decoding: bytes) }
      }
    }
  }

  @Test("another version of the protocol is told apart from garbage")
  func version() {
    let bytes = MessagePackValue.map(["v": .int(2), "type": .string("goodbye")]).encoded()
    #expect { try FleetMessage(decoding: bytes) } throws: { ($0 as? MessagingError)?.code == .otherVersion }
  }

  @Test("mutated messages are decoded or refused, never worse")
  func mutations() {
    var random = SplitMix64(seed: 2)
    for message in Self.messages {
      let bytes = message.encoded()
      for _ in 0..<400 {
        var mutated = bytes
        for _ in 0..<Int.random(in: 1...4, using: &random) where !mutated.isEmpty {
          let place = Int.random(in: 0..<mutated.count, using: &random)
          switch Int.random(in: 0..<3, using: &random) {
          case 0: mutated[place] = .random(in: 0...255, using: &random)
          case 1: mutated.removeSubrange(place...)
          default: mutated.insert(.random(in: 0...255, using: &random), at: place)
          }
        }
        _ = try? FleetMessage(decoding: mutated)
      }
    }
  }

  @Test("embeddings travel as little-endian float32")
  func embedding() {
    #expect([Float(1), -2].littleEndianBytes == [0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0])
    #expect([Float](littleEndianBytes: [0, 0, 0x80, 0x3f]) == [1])
    #expect([Float](littleEndianBytes: [0, 0, 0x80]) == nil)
  }
}
