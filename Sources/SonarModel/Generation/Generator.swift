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

  /// - Parameter maximumRows: how many hypotheses may be decoded together.
  public init(_ decoder: TextDecoder<Backend>, maximumRows: Int) {
    self.decoder = decoder
    self.maximumRows = maximumRows
  }

  /// How many hypotheses are being decoded, waiting requests' included.
  public var rows: Int { active.reduce(0) { $0 + $1.width } + waiting.reduce(0) { $0 + width(of: $1.request.method) } }
  public var isIdle: Bool { active.isEmpty && waiting.isEmpty }

  /// Queues a request; `id` comes back with its result.
  public func submit(_ request: Request, id: Int) { waiting.append((id, request)) }

  /// Decodes one token of every active request and hands results to `deliver` as requests end. The order of delivery
  /// depends on the lengths; the results do not depend on what is decoded together.
  public func step(_ deliver: (Int, Generation) throws -> Void) throws {
    try admit()
    if !active.isEmpty { try feed(deliver) }
  }

  /// Decodes all requests, handing over each result with its request's index.
  public func decode(_ requests: [Request], deliver: (Int, Generation) throws -> Void) throws {
    for (index, request) in requests.enumerated() { submit(request, id: index) }
    defer { removeAll() }
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
    var admitted = 0
    defer { waiting.removeFirst(admitted) }
    for (id, request) in waiting {
      let width = width(of: request.method)
      guard rows == 0 || rows + width <= maximumRows else { return }
      admitted += 1
      let conditioning = try decoder.condition(on: request.embedding)
      active.append(
        Active(
          id: id, language: request.language, cache: decoder.makeCache(), width: width, conditioning: conditioning,
          search: search(for: request), live: [(Tokenizer.endOfSequence, [])]))
      rows += width
    }
  }

  private func search(for request: Request) -> any DecodingSearch {
    let maxTokens = max(1, min(request.maxTokens, decoder.config.maxTargetTokens - 2))
    return switch request.method {
    case .greedy: GreedySearch(maxTokens: maxTokens)
    case .beam(let size): BeamSearch(size: size, maxTokens: maxTokens)
    }
  }

  /// Feeds one token of every live hypothesis.
  private func feed(_ deliver: (Int, Generation) throws -> Void) throws {
    var rows: [TextDecoder<Backend>.Row] = []
    for i in active.indices {
      let query = query(of: active[i])
      for j in active[i].live.indices {
        active[i].live[j].path.append(active[i].cache.allocateSlot())
        let (token, path) = active[i].live[j]
        rows.append(
          .init(
            token: token, position: active[i].position, cached: .init(cache: active[i].cache, path: path),
            conditioning: active[i].conditioning, query: query))
      }
    }
    let scores = try decoder.step(rows)

    var row = 0
    var remaining: [Active] = []
    for var request in active {
      let answers = scores[row..<row + request.live.count]
      row += request.live.count
      if let generation = advance(&request, Array(answers)) {
        release(request)
        try deliver(request.id, generation)
      } else {
        remaining.append(request)
      }
    }
    active = remaining
  }

  private func query(of request: Active) -> ScoreQuery? {
    if request.position > 0 { return request.search.query }
    return request.search.scoresPrompt ? ScoreQuery(top: 0, tokens: [request.language.index]) : nil
  }

  /// Applies a step's scores to a request; its result, once it has ended.
  private func advance(_ request: inout Active, _ answers: [TokenScores?]) -> Generation? {
    request.position += 1
    if request.position == 1 {
      if let answer = answers[0], let logit = answer.logits.first {
        request.search.start(languageLogProbability: logit - answer.logSumExp)
      }
      request.live[0].token = request.language
      return nil
    }
    switch request.search.advance(answers.compactMap { $0 }) {
    case .extend(let extensions):
      request.live = extensions.map { ($0.token, request.live[$0.parent].path) }
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
    case .greedy: 1
    case .beam(let size): size
    }
  }
}
