import Messaging
import SonarModel
import SweepSpec

extension RecordBatch {
  var fields: [String: MessagePackValue] {
    [
      "batch": .unsigned(batch.rawValue), "job": .job(job), "fingerprint": .string(fingerprint.rawValue),
      "records": .array(records.map(\.messagePack)),
    ]
  }

  init(_ fields: MessageFields) throws {
    self.init(
      batch: BatchID(rawValue: try fields.unsigned("batch")), job: try fields.job(),
      fingerprint: ModelFingerprint(try fields.string("fingerprint", limit: 64)),
      records: try fields.array("records").map { try Record(MessageFields($0, "record")) })
  }
}

extension Record {
  var messagePack: MessagePackValue {
    var fields: [String: MessagePackValue] = [
      "unit": .unsigned(unit), "attempt": .int(Int64(attempt)), "seconds": .double(seconds),
      "status": .string(status.rawValue),
    ]
    switch outcome {
    case .done(let embedding, let states, let decodes):
      fields["embedding"] = .binary(embedding.littleEndianBytes)
      fields["states"] = .array(states.map { .binary($0.littleEndianBytes) })
      fields["decodes"] = .array(decodes.map(\.messagePack))
    case .failed(let error):
      fields["code"] = .string(error.code)
      fields["message"] = .text(error.message)
    case .skipped: break
    }
    return .map(fields)
  }

  init(_ fields: MessageFields) throws {
    let outcome: Outcome
    switch UnitStatus(rawValue: try fields.string("status", limit: 16)) {
    case .done:
      outcome = .done(
        embedding: try fields.floats("embedding"), states: try fields.floatArrays("states"),
        decodes: try fields.array("decodes").map { try DecodedText(MessageFields($0, "decode")) })
    case .failed:
      outcome = .failed(
        UnitError(code: try fields.string("code", limit: 64), message: try fields.string("message", limit: 1 << 16)))
    case .skipped: outcome = .skipped
    case nil: throw fields.wrong("status", "done, failed or skipped")
    }
    self.init(
      unit: try fields.unsigned("unit"), outcome: outcome, attempt: try fields.integer("attempt", in: 1...1 << 20),
      seconds: try fields.double("seconds"))
  }
}

extension DecodedText {
  var messagePack: MessagePackValue {
    .map([
      "language": .string(language.rawValue), "text": .string(text),
      "ids": .array(ids.map { .int(Int64($0.rawValue)) }), "log_probability": .double(Double(logProbability)),
      "score": .optional(score) { .double(Double($0)) }, "expectation": .optional(expectation) { $0.messagePack },
    ])
  }

  init(_ fields: MessageFields) throws {
    self.init(
      language: LanguageCode(try fields.string("language", limit: 64)),
      ids: try fields.unsignedArray("ids").map { id in
        guard let id = UInt32(exactly: id) else { throw fields.wrong("ids", "token ids") }
        return TokenID(rawValue: id)
      },
      text: try fields.string("text", limit: 1 << 20), logProbability: Float(try fields.double("log_probability")),
      score: try fields.optionalDouble("score").map { Float($0) },
      expectation: try fields.optionalMap("expectation", "expectation").map { try Expectation($0) })
  }
}

extension DecodedText.Expectation {
  var messagePack: MessagePackValue {
    .map(["text": .string(text), "tokens": .int(Int64(tokens)), "errors": .int(Int64(errors))])
  }

  init(_ fields: MessageFields) throws {
    self.init(
      text: try fields.string("text", limit: 1 << 20), tokens: try fields.integer("tokens", in: 1...1 << 30),
      errors: try fields.integer("errors", in: 0...1 << 30))
  }
}

extension [Float] {
  /// IEEE 754 binary32, little-endian, one after the other.
  public var littleEndianBytes: [UInt8] {
    #if _endian(little)
      withUnsafeBytes { [UInt8]($0) }
    #else
      flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian) { [UInt8]($0) } }
    #endif
  }

  /// Nil unless the bytes are a whole number of values.
  public init?(littleEndianBytes bytes: [UInt8]) {
    guard bytes.count % 4 == 0 else { return nil }
    self = bytes.withUnsafeBytes { raw in
      (0..<bytes.count / 4).map { i in
        Float(bitPattern: UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: 4 * i, as: UInt32.self)))
      }
    }
  }
}
