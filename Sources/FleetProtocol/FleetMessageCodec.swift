import Messaging
import SonarModel
import SweepSpec

extension FleetMessage {
  /// The version every message carries. A receiver refuses others.
  public static let version = 1

  /// The message as one frame of MessagePack.
  public func encoded() -> [UInt8] {
    let (type, fields) = wireForm
    return MessagePackValue.map(
      fields.merging(["v": .int(Int64(Self.version)), "type": .string(type)]) { field, _ in field }
    ).encoded()
  }

  /// Decodes a frame. Any bytes are safe: what is not a message throws `MessagingError` `malformed`, one of another
  /// version `otherVersion`.
  public init(decoding bytes: [UInt8]) throws {
    let fields = try MessageFields(MessagePackValue(decoding: bytes), "message")
    let type = try fields.string("type", limit: 32)
    let version = try fields.unsigned("v")
    // A refusal is read whatever its version: it says why the versions do not fit.
    if type == "refused" {
      self = .refused(reason: try fields.string("reason"))
      return
    }
    guard version == UInt64(Self.version) else {
      throw MessagingError(
        .otherVersion,
        "the message is of protocol version \(version), this is \(Self.version); run the same release everywhere")
    }
    guard let decode = Self.decoders[type] else {
      throw MessagingError(.malformed, "unknown message type '\(type)'")
    }
    self = try decode(fields)
  }

  private var wireForm: (String, [String: MessagePackValue]) {
    switch self {
    case .hello(let hello): ("hello", hello.fields)
    case .heartbeat(let heartbeat):
      (
        "heartbeat",
        [
          "leases": .array(heartbeat.leases.map { .unsigned($0.rawValue) }),
          "wanted": .int(Int64(heartbeat.wanted)),
        ]
      )
    case .goodbye: ("goodbye", [:])
    case .identify: ("identify", [:])
    case .refused(let reason): ("refused", ["reason": .text(reason)])
    case .request(let leases): ("request", ["leases": .int(Int64(leases))])
    case .computed(let computed):
      (
        "computed",
        computed.work.fields.merging([
          "lease": .unsigned(computed.lease.rawValue), "units": .unsigned(computed.units),
          "seconds": .double(computed.seconds),
        ]) { $1 }
      )
    case .welcome(let welcome):
      (
        "welcome",
        ["heartbeat_seconds": .double(welcome.heartbeatSeconds), "aggregator": .string(welcome.aggregator)]
      )
    case .job(let payload): ("job", payload.fields)
    case .lease(let grant):
      (
        "lease",
        [
          "lease": .unsigned(grant.lease.rawValue), "job": .job(grant.job), "units": .units([grant.units]),
          "attempt": .int(Int64(grant.attempt)),
        ]
      )
    case .revoke(let lease): ("revoke", ["lease": .unsigned(lease.rawValue)])
    case .forget(let job): ("forget", ["job": .job(job)])
    case .dismiss(let reason): ("dismiss", ["reason": .text(reason)])
    case .records(let batch): ("records", batch.fields)
    case .acknowledge(let acknowledgement): ("acknowledge", acknowledgement.fields)
    case .open(let payload): ("open", payload.fields)
    case .opened(let opened):
      (
        "opened",
        opened.counts.fields.merging(
          ["job": .job(opened.job), "committed": .units(opened.committed), "problem": .text(opened.problem)]
        ) { $1 }
      )
    case .committed(let committed):
      (
        "committed",
        committed.counts.fields.merging(["job": .job(committed.job), "units": .units(committed.units)]) { $1 }
      )
    case .quarantine(let quarantine):
      (
        "quarantine",
        [
          "job": .job(quarantine.job), "units": .units(quarantine.units), "attempt": .int(Int64(quarantine.attempt)),
          "reason": .text(quarantine.reason),
        ]
      )
    case .retry(let order): ("retry", ["job": .job(order.job), "code": .string(order.code)])
    case .discarded(let discarded):
      (
        "discarded",
        [
          "job": .job(discarded.job), "units": .units(discarded.units),
          "worker": .string(discarded.worker.rawValue),
        ]
      )
    case .close(let job): ("close", ["job": .job(job)])
    case .closed(let job): ("closed", ["job": .job(job)])
    case .storage(let state): ("storage", ["problem": .text(state.problem)])
    case .measured(let measurements): ("measured", measurements.fields)
    case .submit(let payload): ("submit", payload.fields)
    case .accepted(let job): ("accepted", ["job": .job(job)])
    case .rejected(let reason): ("rejected", ["reason": .text(reason)])
    case .statusRequest(let job): ("status_request", ["job": .job(job)])
    case .status(let status): ("status", status.fields)
    }
  }

  private static let decoders: [String: @Sendable (MessageFields) throws -> FleetMessage] = [
    "hello": { .hello(try Hello($0)) },
    "heartbeat": {
      .heartbeat(
        Heartbeat(
          leases: try $0.unsignedArray("leases").map { LeaseID(rawValue: $0) },
          wanted: try $0.integer("wanted", in: 0...1024)))
    },
    "goodbye": { _ in .goodbye },
    "identify": { _ in .identify },
    "request": { .request(leases: try $0.integer("leases", in: 1...1024)) },
    "computed": {
      .computed(
        Computed(
          lease: LeaseID(rawValue: try $0.unsigned("lease")), units: try $0.unsigned("units"),
          seconds: try $0.double("seconds"), work: try ModelWork($0)))
    },
    "welcome": {
      .welcome(
        Welcome(heartbeatSeconds: try $0.double("heartbeat_seconds"), aggregator: try $0.string("aggregator")))
    },
    "job": { .job(try JobPayload($0)) },
    "lease": { .lease(try LeaseGrant($0)) },
    "revoke": { .revoke(LeaseID(rawValue: try $0.unsigned("lease"))) },
    "forget": { .forget(try $0.job()) },
    "dismiss": { .dismiss(reason: try $0.string("reason")) },
    "records": { .records(try RecordBatch($0)) },
    "acknowledge": { .acknowledge(try Acknowledgement($0)) },
    "open": { .open(try JobPayload($0)) },
    "opened": {
      .opened(
        OpenedJob(
          job: try $0.job(), committed: try $0.unitRanges("committed"), counts: try $0.counts(),
          problem: try $0.string("problem")))
    },
    "committed": {
      .committed(Committed(job: try $0.job(), units: try $0.unitRanges("units"), counts: try $0.counts()))
    },
    "quarantine": {
      .quarantine(
        Quarantine(
          job: try $0.job(), units: try $0.unitRanges("units"), attempt: try $0.integer("attempt", in: 1...1 << 20),
          reason: try $0.string("reason")))
    },
    "retry": { .retry(RetryOrder(job: try $0.job(), code: try $0.string("code", limit: 64))) },
    "discarded": {
      .discarded(
        Discarded(
          job: try $0.job(), units: try $0.unitRanges("units"),
          worker: InstanceID(rawValue: try $0.string("worker", limit: 64))))
    },
    "close": { .close(try $0.job()) },
    "closed": { .closed(try $0.job()) },
    "storage": { .storage(StorageState(problem: try $0.string("problem"))) },
    "measured": { .measured(try AggregatorMeasurements($0)) },
    "submit": { .submit(try JobPayload($0)) },
    "accepted": { .accepted(try $0.job()) },
    "rejected": { .rejected(reason: try $0.string("reason", limit: 1 << 16)) },
    "status_request": { .statusRequest(try $0.job()) },
    "status": { .status(try JobStatus($0)) },
  ]
}

extension MessagePackValue {
  static func job(_ id: JobID) -> Self { .string(id.rawValue) }

  /// Text for people, cut to what receivers accept.
  static func text(_ text: String) -> Self { .string(String(decoding: text.utf8.prefix(1000), as: UTF8.self)) }

  /// Ranges as a flat array: first, end, first, end, ...
  static func units(_ ranges: [UnitRange]) -> Self {
    .array(ranges.flatMap { [.unsigned($0.lowerBound), .unsigned($0.upperBound)] })
  }
}

extension Hello {
  var fields: [String: MessagePackValue] {
    [
      "role": .string(role.rawValue), "instance": .string(instance.rawValue), "name": .string(name),
      "model": .string(model), "fingerprint": .string(fingerprint.rawValue), "endpoint": .string(endpoint),
    ]
  }

  init(_ fields: MessageFields) throws {
    guard let role = Role(rawValue: try fields.string("role")) else { throw fields.wrong("role", "a role") }
    self.init(
      role: role, instance: InstanceID(rawValue: try fields.string("instance", limit: 64)),
      name: try fields.string("name", limit: 256), model: try fields.string("model", limit: 256),
      fingerprint: ModelFingerprint(try fields.string("fingerprint", limit: 64)),
      endpoint: try fields.string("endpoint", limit: 256))
  }
}

extension JobPayload {
  var fields: [String: MessagePackValue] {
    [
      "job": .job(job), "spec": .binary(spec),
      "assets": .map(.init(uniqueKeysWithValues: assets.map { ($0.sha256, .binary($1)) })),
    ]
  }

  init(_ fields: MessageFields) throws {
    var assets: [AssetReference: [UInt8]] = [:]
    for (hash, content) in try fields.pairs("assets") {
      guard case .binary(let bytes) = content, hash.utf8.count == 64 else {
        throw fields.wrong("assets", "a map of SHA-256 to binary")
      }
      assets[AssetReference(sha256: hash)] = bytes
    }
    self.init(job: try fields.job(), spec: try fields.binary("spec"), assets: assets)
  }
}

extension LeaseGrant {
  init(_ fields: MessageFields) throws {
    let ranges = try fields.unitRanges("units")
    guard ranges.count == 1 else { throw fields.wrong("units", "one range") }
    self.init(
      lease: LeaseID(rawValue: try fields.unsigned("lease")), job: try fields.job(), units: ranges[0],
      attempt: try fields.integer("attempt", in: 1...1 << 20))
  }
}

extension Acknowledgement {
  var fields: [String: MessagePackValue] {
    [
      "committed": .array(committed.map { .unsigned($0.rawValue) }),
      "refused": .array(
        refused.sorted { $0.key < $1.key }.map {
          .map(["batch": .unsigned($0.key.rawValue), "reason": .text($0.value)])
        }),
      "credit_bytes": .int(Int64(creditBytes)),
    ]
  }

  init(_ fields: MessageFields) throws {
    var refused: [BatchID: String] = [:]
    for entry in try fields.array("refused") {
      let entry = try MessageFields(entry, "refused batch")
      refused[BatchID(rawValue: try entry.unsigned("batch"))] = try entry.string("reason")
    }
    self.init(
      committed: try fields.unsignedArray("committed").map { BatchID(rawValue: $0) }, refused: refused,
      creditBytes: try fields.integer("credit_bytes", in: 0...1 << 40))
  }
}

extension ModelWork {
  var fields: [String: MessagePackValue] {
    [
      "encoded_tokens": .unsigned(encodedTokens), "encode_seconds": .double(encodeSeconds),
      "decoded_tokens": .unsigned(decodedTokens), "decode_seconds": .double(decodeSeconds),
    ]
  }

  /// A worker need not measure.
  init(_ fields: MessageFields) throws {
    self.init(
      encodedTokens: try fields.optionalUnsigned("encoded_tokens") ?? 0,
      encodeSeconds: try fields.optionalDouble("encode_seconds") ?? 0,
      decodedTokens: try fields.optionalUnsigned("decoded_tokens") ?? 0,
      decodeSeconds: try fields.optionalDouble("decode_seconds") ?? 0)
  }
}

extension AggregatorMeasurements {
  var fields: [String: MessagePackValue] {
    [
      "commit_seconds": .array(commitSeconds.prefix(Self.mostCommits).map { .double($0) }),
      "pending_bytes": .unsigned(pendingBytes), "disk_free_bytes": .unsigned(diskFreeBytes),
      "disk_size_bytes": .unsigned(diskSizeBytes), "refused": .map(refused.mapValues { .unsigned($0) }),
    ]
  }

  init(_ fields: MessageFields) throws {
    let seconds = try fields.doubles("commit_seconds")
    guard seconds.count <= Self.mostCommits else {
      throw fields.wrong("commit_seconds", "at most \(Self.mostCommits) numbers")
    }
    self.init(
      commitSeconds: seconds, pendingBytes: try fields.unsigned("pending_bytes"),
      diskFreeBytes: try fields.unsigned("disk_free_bytes"), diskSizeBytes: try fields.unsigned("disk_size_bytes"),
      refused: try fields.unsignedMap("refused", limit: Self.mostReasons))
  }
}

extension UnitCounts {
  var fields: [String: MessagePackValue] {
    ["done": .unsigned(done), "failed": .unsigned(failed), "skipped": .unsigned(skipped)]
  }
}

extension JobStatus {
  var fields: [String: MessagePackValue] {
    counts.fields.merging([
      "job": .job(job), "phase": .string(phase.rawValue), "units": .unsigned(units), "rate": .double(rate),
      "workers": .int(Int64(workers)), "leases": .int(Int64(leases)), "problem": .text(problem),
    ]) { $1 }
  }

  init(_ fields: MessageFields) throws {
    guard let phase = Phase(rawValue: try fields.string("phase")) else { throw fields.wrong("phase", "a phase") }
    self.init(
      job: try fields.job(), phase: phase, units: try fields.unsigned("units"), counts: try fields.counts(),
      rate: try fields.double("rate"), workers: try fields.integer("workers", in: 0...1 << 20),
      leases: try fields.integer("leases", in: 0...1 << 40), problem: try fields.string("problem"))
  }
}
