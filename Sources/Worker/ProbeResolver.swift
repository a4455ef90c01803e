import SonarModel
import SweepSpec

/// A probe in the model's terms.
struct ResolvedProbe {
  /// `[language] content </s>` of each term that is a sequence, in order.
  var sequences: [[TokenID]] = []
  /// The token of the first sequence whose states are kept, 0 the language token; nil for none.
  var statePlace: Int?
  /// What each decode should give.
  var expected: [[TokenID]?] = []
}

/// Turns a probe's words and languages into token ids, remembering words it has seen.
struct ProbeResolver {
  private let tokenizer: Tokenizer
  private let maxSourceTokens: Int
  private let truncate: Bool
  private let keepsStates: Bool
  private var words: [TokenName: TokenID] = [:]

  init(model: SonarModel, job: JobSpec) {
    tokenizer = model.tokenizer
    maxSourceTokens = model.config.maxSourceTokens
    truncate = job.truncate
    keepsStates = !job.sweep.kind.states.isEmpty
  }

  /// Throws `UnitError` where the model cannot read or write what the probe asks for.
  mutating func resolve(_ probe: Probe) throws -> ResolvedProbe {
    var resolved = ResolvedProbe()
    for case .sequence(let sequence) in probe.terms.map(\.source) {
      resolved.sequences.append(try encoderInput(sequence))
    }
    if keepsStates { resolved.statePlace = try statePlace(of: probe, resolved.sequences.first) }
    resolved.expected = try probe.decodes.map { try $0.expected.map { try decoderOutput($0) } }
    return resolved
  }

  private func statePlace(of probe: Probe, _ ids: [TokenID]?) throws -> Int {
    guard let position = probe.statePosition, case .sequence? = probe.terms.first?.source, let ids else {
      throw UnitError(
        code: "no-state", message: "the sweep keeps states of a token, and this unit's first term is no sequence")
    }
    // A sequence that was cut has no `</s>`.
    let content = ids.count - (ids.last == Tokenizer.endOfSequence ? 2 : 1)
    guard (0..<content).contains(position) else {
      throw UnitError(
        code: "no-state", message: "the sequence has no content token \(position) to read a state of; it has \(content)"
      )
    }
    return position + 1
  }

  /// `[language] content </s>`.
  private mutating func encoderInput(_ sequence: TokenSequence) throws -> [TokenID] {
    let ids = [try language(sequence.language)] + (try content(of: sequence)) + [Tokenizer.endOfSequence]
    if ids.count <= maxSourceTokens { return ids }
    // The reference cuts at the limit and so loses `</s>`.
    if truncate { return Array(ids.prefix(maxSourceTokens)) }
    throw UnitError(
      code: "too-long",
      message:
        "the sequence has \(ids.count) tokens, the encoder takes \(maxSourceTokens); set truncate: true to cut it")
  }

  /// What the decoder writes when it reproduces the sequence.
  private mutating func decoderOutput(_ sequence: TokenSequence) throws -> [TokenID] {
    let ids = try content(of: sequence) + [Tokenizer.endOfSequence]
    guard ids.count <= Self.mostExpected else {
      throw UnitError(
        code: "too-long",
        message: "a decode's expected sequence has \(ids.count) tokens, more than \(Self.mostExpected)")
    }
    return ids
  }

  /// Expected tokens; the time and space that comparing and sending them takes is bounded.
  private static let mostExpected = 16_384

  func language(_ code: LanguageCode) throws -> TokenID {
    do {
      return try tokenizer.token(of: code)
    } catch {
      throw UnitError(code: "unknown-language", message: "\(error)")
    }
  }

  private mutating func content(of sequence: TokenSequence) throws -> [TokenID] {
    switch sequence.content {
    case .text(let text): return tokenizer.encode(text)
    case .tokens(let names): return try names.map { try id(of: $0) }
    }
  }

  private mutating func id(of name: TokenName) throws -> TokenID {
    if let known = words[name] { return known }
    do {
      let id = try name.id(in: tokenizer)
      words[name] = id
      return id
    } catch {
      throw UnitError(code: "not-one-token", message: "\(error)")
    }
  }
}
