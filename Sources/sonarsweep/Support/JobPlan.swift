import SonarModel
import SweepSpec

/// What a job would do, estimated from probes spread evenly over the sweep.
struct JobPlan: Encodable {
  struct AxisSummary: Encodable {
    let name: String
    let count: Int
    let first: String
    let last: String
  }

  struct UnitSummary: Encodable {
    let unit: UInt64
    let labels: String
    let source: String
    let tokens: Int
  }

  let job: String
  let model: String
  /// `none` without a model.
  let precision: String
  let units: UInt64
  let axes: [AxisSummary]
  let first: [UnitSummary]
  let last: [UnitSummary]
  let decodesPerUnit: Int
  /// Hidden states each unit keeps, by their arrays' names.
  let states: [String]
  /// The named vectors the sweep uses.
  let vectors: [String]
  /// Expected over the whole sweep, were every sequence encoded for every unit. Workers encode one that several units
  /// share once or a few times.
  let encodedTokens: Double
  /// Of distinct sequences, where the sweep is small enough to look at every unit; else null.
  let distinctTokens: Double?
  /// If decodes are as long as the unit's first sequence.
  let decodedTokens: Double
  let petaflop: Double
  /// What the encoder takes.
  let maxSourceTokens: Int
  let resultBytes: Double

  private static let samples: UInt64 = 256
  /// Units that are all looked at for distinct sequences.
  private static let mostEnumerated: UInt64 = 20_000

  init(_ job: Job, model: ModelDirectory?) throws {
    let sweep = job.sweep
    let tokenizer = try model?.tokenizer()
    self.job = job.id.rawValue
    self.model = job.spec.model.name
    precision = job.spec.model.precisionName
    units = sweep.unitCount
    axes = sweep.axes.map {
      AxisSummary(name: $0.name, count: $0.count, first: $0.label(at: 0), last: $0.label(at: $0.count - 1))
    }
    let summarise = { (unit: UnitIndex) in
      UnitSummary(
        unit: unit, labels: sweep.label(of: unit), source: Self.describe(sweep.probe(of: unit)),
        tokens: Self.tokens(sweep.probe(of: unit), tokenizer))
    }
    let shown = min(3, sweep.unitCount)
    first = (0..<shown).map(summarise)
    last = (max(shown, sweep.unitCount - min(3, sweep.unitCount))..<sweep.unitCount).map(summarise)
    decodesPerUnit = job.spec.decode?.languages.count ?? 0
    states = job.spec.sweep.kind.states.map(\.rawValue)
    vectors = job.spec.sweep.kind.vectors.map { vector in
      vector.name + (vector.rows.map { " (\($0.count) rows)" } ?? "")
    }

    let count = min(Self.samples, sweep.unitCount)
    let sampled = (0..<count).map { sweep.unitCount / count * $0 }
    func expected(_ tokens: (Probe?) -> Int) -> Double {
      Double(sampled.reduce(0) { $0 + tokens(sweep.probe(of: $1)) }) / Double(count) * Double(sweep.unitCount)
    }
    encodedTokens = expected { Self.tokens($0, tokenizer) }
    distinctTokens = sweep.unitCount <= Self.mostEnumerated ? Self.distinctTokens(of: sweep, tokenizer) : nil
    let beam = if case .beam(let size)? = job.spec.decode?.method { size } else { 1 }
    let firstTokens = expected { probe in
      guard let first = probe.map(Self.sequences)?.first else { return 0 }
      return Self.tokens(first, tokenizer)
    }
    decodedTokens = firstTokens * Double(decodesPerUnit)
    maxSourceTokens = try model?.config().maxSourceTokens ?? .max
    let cost = try model.map { try TokenCost($0.config()) }
    petaflop =
      ((distinctTokens ?? encodedTokens) * (cost?.encode ?? 0) + decodedTokens * Double(beam) * (cost?.decode ?? 0))
      / 1e15
    resultBytes = Double(sweep.unitCount) * Double(4 * job.spec.model.dim * (1 + states.count))
  }

  func print() {
    Swift.print(
      "job      \(job)\nmodel    \(model)\(precision == "none" ? "" : ", \(precision)")\nunits    \(units.grouped)")
    for axis in axes {
      let values = axis.count == 1 ? axis.first : "\(UInt64(axis.count).grouped) values, \(axis.first) ... \(axis.last)"
      Swift.print("axis     \(axis.name): \(values)")
    }
    if !vectors.isEmpty { Swift.print("vectors  \(vectors.joined(separator: ", "))") }
    for unit in first + last {
      let tokens = unit.tokens > maxSourceTokens ? "\(unit.tokens) tokens: too long" : "\(unit.tokens) tokens"
      Swift.print("unit     \(unit.unit)  \(unit.labels)  \(Self.elided(unit.source))  (\(tokens))")
    }
    let method =
      decodesPerUnit == 0 ? "no decodes" : "\(decodesPerUnit) decode\(decodesPerUnit == 1 ? "" : "s") per unit"
    Swift.print(
      """
      cost     about \(Self.short(distinctTokens ?? encodedTokens)) encoded tokens, \(method), \
      \(Self.short(petaflop * 1e15))FLOP
      results  \(Self.short(resultBytes))B of \((["embeddings"] + states).joined(separator: ", "))
      """)
  }

  private static func describe(_ probe: Probe?) -> String {
    guard let probe else { return "skipped: there is no such combination" }
    let combination = probe.terms.map { term in
      let weight = term.weight == 1 ? "" : "\(term.weight) × "
      return switch term.source {
      case .sequence(let sequence): "\(weight)[\(sequence.language)] \(sequence.description)"
      case .vector(let vector): "\(weight)\(vector.name)"
      case .ramp(let unit, _): "\(weight)ramp(\(unit))"
      }
    }.joined(separator: " + ")
    let noise = probe.noise.map { " + noise of \($0.scale) × its norm, seed \($0.seed)" } ?? ""
    let state = probe.statePosition.map { "; states of content token \($0)" } ?? ""
    return combination + noise + state
  }

  private static func sequences(_ probe: Probe) -> [TokenSequence] {
    probe.terms.compactMap { if case .sequence(let sequence) = $0.source { sequence } else { nil } }
  }

  private static func tokens(_ probe: Probe?, _ tokenizer: Tokenizer?) -> Int {
    guard let probe else { return 0 }
    return sequences(probe).reduce(0) { $0 + tokens($1, tokenizer) }
  }

  private static func tokens(_ sequence: TokenSequence, _ tokenizer: Tokenizer?) -> Int {
    tokenizer.flatMap { try? sequence.ids(in: $0).count } ?? 0
  }

  private static func distinctTokens(of sweep: Sweep, _ tokenizer: Tokenizer?) -> Double {
    var seen: Set<TokenSequence> = []
    for unit in 0..<sweep.unitCount {
      for sequence in sweep.probe(of: unit).map(sequences) ?? [] { seen.insert(sequence) }
    }
    return Double(seen.reduce(0) { $0 + tokens($1, tokenizer) })
  }

  /// The start and end of a long text.
  private static func elided(_ text: String) -> String {
    text.count <= 100 ? text : "\(text.prefix(60)) ... \(text.suffix(30))"
  }

  /// 1234567 as "1.2 M", 12 as "12".
  private static func short(_ value: Double) -> String {
    let units = ["", "k", "M", "G", "T", "P", "E"]
    var (value, unit) = (value, 0)
    while value >= 1000, unit < units.count - 1 { (value, unit) = (value / 1000, unit + 1) }
    return unit == 0 ? "\(Int(value.rounded()))" : "\((value * 10).rounded() / 10) \(units[unit])"
  }
}

/// Floating-point operations per token: two per weight of the matrices it passes through.
private struct TokenCost {
  let encode: Double
  let decode: Double

  init(_ config: ModelConfig) {
    let (dim, inner) = (Double(config.modelDim), Double(config.feedForwardDim))
    let layer = 2 * (4 * dim * dim + 2 * dim * inner)
    encode = Double(config.encoderLayers) * layer
    decode = Double(config.decoderLayers) * layer + 2 * dim * Double(config.vocabularySize)
  }
}
