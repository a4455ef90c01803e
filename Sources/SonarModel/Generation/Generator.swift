import TensorKernels

/// Continuous batching: decodes many embeddings together, and as one sequence ends the next takes its place.
public final class Generator<Backend: TensorBackend> {
  public struct Request {
    public let embedding: [Float]
    public let language: TokenID
    public let method: DecodingMethod
    /// The most tokens to write, `</s>` included.
    public let maxTokens: Int

    public init(embedding: [Float], language: TokenID, method: DecodingMethod, maxTokens: Int) {
      self.embedding = embedding
      self.language = language
      self.method = method
      self.maxTokens = maxTokens
    }
  }

  /// A request being decoded. Its live hypotheses are paths of cache slots, one slot a token.
  private struct Active {
    let id: Int
    let language: TokenID
    let cache: Backend.Cache
    /// How many rows of a step it may take.
    let width: Int
    let conditioning: Int
    var search: any DecodingSearch
    /// Tokens fed so far, the same for all live hypotheses.
    var position = 0
    var live: [(token: TokenID, path: [Int32])]
  }

  private let decoder: TextDecoder<Backend>
  private let maximumRows: Int
  private var waiting: [(id: Int, request: Request)] = []
  private var active: [Active] = []
  /// Tokens written so far, over all hypotheses, those that were given up included.
  public private(set) var decodedTokens: UInt64 = 0

  /// - Parameter maximumRows: how many hypotheses may be decoded together.
  public init(_ decoder: TextDecoder<Backend>, maximumRows: Int) {
    self.decoder = decoder
    self.maximumRows = maximumRows
  }

  /// How many hypotheses are being decoded, waiting requests' included.
  public var rows: Int { active.reduce(0) { $0 + $1.width } + waiting.reduce(0) { $0 + width(of: $1.request.method) } }
  public var isIdle: Bool { active.isEmpty && waiting.isEmpty }

  /// Queues a request; `id` comes back with its result. Throws where its embedding is not the model's.
  public func submit(_ request: Request, id: Int) throws {
    try decoder.check(request.embedding)
    waiting.append((id, request))
  }

  /// Decodes one token of every active request and hands results to `deliver` as requests end. The order of delivery
  /// depends on the lengths; the results do not depend on what is decoded together.
  public func step(_ deliver: (Int, Generation) throws -> Void) throws {
    try admit()
    if !active.isEmpty { try feed(deliver) }
  }

  /// Decodes all requests, handing over each result with its request's index.
  public func decode(_ requests: [Request], deliver: (Int, Generation) throws -> Void) throws {
    defer { removeAll() }
    for (index, request) in requests.enumerated() { try submit(request, id: index) }
    while !isIdle { try step(deliver) }
  }

  /// Gives up all requests.
  public func removeAll() {
    active.forEach(release)
    active = []
    waiting = []
  }

  private func admit() throws {
    var rows = active.reduce(0) { $0 + $1.width }
    let admitted = waiting.prefix { _, request in
      let width = width(of: request.method)
      guard rows == 0 || rows + width <= maximumRows else { return false }
      rows += width
      return true
    }
    guard !admitted.isEmpty else { return }
    waiting.removeFirst(admitted.count)
    let slots = try decoder.condition(on: admitted.map(\.request.embedding))
    for ((id, request), slot) in zip(admitted, slots) {
      active.append(
        Active(
          id: id, language: request.language, cache: decoder.makeCache(), width: width(of: request.method),
          conditioning: slot, search: search(for: request), live: []))
    }
  }

  private func search(for request: Request) -> any DecodingSearch {
    let maxTokens = max(1, min(request.maxTokens, decoder.config.maxTargetTokens - 2))
    return switch request.method {
    case .greedy: GreedySearch(maxTokens: maxTokens)
    case .beam(let size): BeamSearch(size: size, maxTokens: maxTokens)
    case .sample(let sampling): SampleSearch(sampling, maxTokens: maxTokens)
    }
  }

  /// Feeds one token of every live hypothesis, and of a new request its two prompt tokens.
  private func feed(_ deliver: (Int, Generation) throws -> Void) throws {
    var rows: [TextDecoder<Backend>.Row] = []
    var counts: [Int] = []
    for i in active.indices {
      let start = rows.count
      if active[i].position == 0 { rows.append(startRow(of: &active[i])) }
      for j in active[i].live.indices {
        active[i].live[j].path.append(active[i].cache.allocateSlot())
        rows.append(row(of: active[i], active[i].live[j], query: active[i].search.query))
      }
      decodedTokens += UInt64(active[i].live.count)
      counts.append(rows.count - start)
    }
    let scores = try decoder.step(rows)

    var row = 0
    var remaining: [Active] = []
    for (var request, count) in zip(active, counts) {
      let answers = scores[row..<row + count].compactMap { $0 }
      row += count
      if let generation = advance(&request, answers) {
        release(request)
        try deliver(request.id, generation)
      } else {
        remaining.append(request)
      }
    }
    active = remaining
  }

  /// The row of a request's first token, `</s>`. The language token follows in the same step.
  private func startRow(of request: inout Active) -> TextDecoder<Backend>.Row {
    let path = [request.cache.allocateSlot()]
    let query = request.search.scoresPrompt ? ScoreQuery(top: 0, tokens: [request.language.index]) : nil
    let row = row(of: request, (Tokenizer.endOfSequence, path), query: query)
    request.position = 1
    request.live = [(request.language, path)]
    return row
  }

  private func row(
    of request: Active, _ hypothesis: (token: TokenID, path: [Int32]), query: ScoreQuery?
  ) -> TextDecoder<Backend>.Row {
    .init(
      token: hypothesis.token, position: request.position,
      cached: .init(cache: request.cache, path: hypothesis.path), conditioning: request.conditioning, query: query)
  }

  /// Applies a step's scores to a request; its result, once it has ended.
  private func advance(_ request: inout Active, _ answers: [TokenScores]) -> Generation? {
    request.position += 1
    var answers = answers[...]
    if request.position == 2, request.search.scoresPrompt, let answer = answers.popFirst(),
      let logit = answer.logits.first
    {
      request.search.start(languageLogProbability: logit - answer.logSumExp)
    }
    switch request.search.advance(Array(answers)) {
    case .extend(let extensions):
      request.live = extensions.map { ($0.token, request.live[$0.parent].path) }
      if request.width > 1 { request.cache.keepOnly(request.live.map(\.path)) }
      return nil
    case .finish(let generation):
      return generation
    }
  }

  private func release(_ request: Active) {
    request.cache.removeAll()
    decoder.release(request.cache, conditioning: request.conditioning)
  }

  private func width(of method: DecodingMethod) -> Int {
    switch method {
    case .greedy, .sample: 1
    case .beam(let size): size
    }
  }
}
