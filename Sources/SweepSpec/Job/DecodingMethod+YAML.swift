import SonarModel

extension DecodingMethod {
  private static let defaultBeamSize = 5
  private static let beamSizes = 1...64
  private static let topKs = 1...1 << 24
  private static let temperatures = 0.01...100.0
  private static let topPs = 1e-6...1.0

  /// Reads `method` and the keys of that method; nil after reporting what is wrong with them.
  init?(reading mapping: YAMLMapping, in context: JobContext) {
    let method = mapping.optional("method").map { $0.choice(["greedy", "beam", "sample"]) } ?? "greedy"
    let beamSize = mapping.optional("beam_size")
    let size = beamSize.map { $0.integer(in: Self.beamSizes) } ?? Self.defaultBeamSize
    let sampling = Self.sampling(mapping, isUsed: method == nil || method == "sample", in: context)
    if method == "greedy" || method == "sample" {
      beamSize?.report(
        "\(method == "greedy" ? "greedy decoding" : "sampling") has no beam; set method: beam or leave it out")
    }
    guard let method, let size, let sampling else { return nil }
    self =
      switch method {
      case "beam": .beam(size: size)
      case "sample": .sample(sampling)
      default: .greedy
      }
  }

  /// - Parameter isUsed: whether the method is `sample`, so that its keys belong there.
  private static func sampling(_ mapping: YAMLMapping, isUsed: Bool, in context: JobContext) -> Sampling? {
    let values = ["top_k", "top_p", "temperature", "seed"].map { mapping.optional($0) }
    if !isUsed {
      for value in values { value?.report("only sampling has this; set method: sample or leave it out") }
      return Sampling()
    }
    let topK = values[0].map { $0.integer(in: 1...context.lastTokenID + 1) }
    let topP = values[1].map { $0.number(in: topPs) }
    let temperature = values[2].map { $0.number(in: temperatures) } ?? 1
    let seed = values[3].map { $0.integer(in: 0...Int.max) } ?? 0
    guard let temperature, let seed, topK.map({ $0 != nil }) ?? true, topP.map({ $0 != nil }) ?? true else {
      return nil
    }
    return Sampling(topK: topK ?? nil, topP: topP ?? nil, temperature: temperature, seed: UInt64(seed))
  }

  /// Whether a job file could say this.
  var isPossible: Bool {
    switch self {
    case .greedy: true
    case .beam(let size): Self.beamSizes.contains(size)
    case .sample(let sampling):
      sampling.topK.map { Self.topKs.contains($0) } ?? true && sampling.topP.map { Self.topPs.contains($0) } ?? true
        && Self.temperatures.contains(sampling.temperature) && sampling.seed <= UInt64(Int64.max)
    }
  }
}
