import SonarModel

/// What a job decodes from each unit's embedding.
public struct DecodeSpec: Hashable, Sendable, Codable {
  public let languages: [LanguageCode]
  public let method: DecodingMethod
  /// The most tokens to write, `</s>` included.
  public let maxTokens: Int

  private enum CodingKeys: String, CodingKey {
    case languages, method
    case maxTokens = "max_tokens"
  }

  static let defaultMaxTokens = 128
  static let defaultBeamSize = 5
  static let beamSizes = 1...64

  init?(_ value: YAMLValue, in context: JobContext) {
    let parsed = value.mapping { mapping -> (languages: [LanguageCode], method: DecodingMethod, maxTokens: Int)? in
      let list = mapping.required("languages", "the languages to decode into, as [eng_Latn]")
      let languages = list?.distinctList(context.language)
      let method = mapping.optional("method").map { $0.choice(["greedy", "beam"]) } ?? "greedy"
      let beamSize = mapping.optional("beam_size")
      let size = beamSize.map { $0.integer(in: Self.beamSizes) } ?? Self.defaultBeamSize
      let maxTokens =
        mapping.optional("max_tokens").map { $0.integer(in: 1...context.maxTargetTokens) }
        ?? min(Self.defaultMaxTokens, context.maxTargetTokens)
      if method == "greedy" { beamSize?.report("greedy decoding has no beam; set method: beam or leave it out") }
      guard let languages, let method, let size, let maxTokens else { return nil }
      return (languages, method == "beam" ? .beam(size: size) : .greedy, maxTokens)
    }
    guard let parsed else { return nil }
    (languages, method, maxTokens) = parsed
  }

  /// Throws where a value is none a job file could have given.
  func check() throws {
    let size = if case .beam(let size) = method { size } else { 1 }
    guard !languages.isEmpty, Set(languages).count == languages.count, languages.count <= 1024,
      Self.beamSizes.contains(size), (1...1 << 16).contains(maxTokens)
    else { throw SweepError("the job's decode section is not one a job file could give") }
  }

  /// One request per language; `expected` gives what an exact answer in that language would be.
  func requests(expected: (LanguageCode) -> TokenSequence?) -> [DecodeRequest] {
    languages.map {
      DecodeRequest(language: $0, method: method, maxTokens: maxTokens, expected: expected($0))
    }
  }
}
