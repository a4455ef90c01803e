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

  package init(languages: [LanguageCode], method: DecodingMethod, maxTokens: Int) {
    self.languages = languages
    self.method = method
    self.maxTokens = maxTokens
  }

  init?(_ value: YAMLValue, in context: JobContext) {
    let parsed = value.mapping { mapping -> (languages: [LanguageCode], method: DecodingMethod, maxTokens: Int)? in
      let list = mapping.required("languages", "the languages to decode into, as [eng_Latn]")
      let languages = list?.distinctList(context.language)
      let method = DecodingMethod(reading: mapping, in: context)
      let maxTokens =
        mapping.optional("max_tokens").map { $0.integer(in: 1...context.maxTargetTokens) }
        ?? min(Self.defaultMaxTokens, context.maxTargetTokens)
      guard let languages, let method, let maxTokens else { return nil }
      return (languages, method, maxTokens)
    }
    guard let parsed else { return nil }
    (languages, method, maxTokens) = parsed
  }

  /// Throws where a value is none a job file could have given.
  func check() throws {
    guard !languages.isEmpty, Set(languages).count == languages.count, languages.count <= 1024,
      method.isPossible, (1...1 << 16).contains(maxTokens)
    else { throw SweepError("the job's decode section is not one a job file could give") }
  }

  /// One request per language; `expected` gives what an exact answer in that language would be.
  func requests(expected: (LanguageCode) -> TokenSequence?) -> [DecodeRequest] {
    languages.map {
      DecodeRequest(language: $0, method: method, maxTokens: maxTokens, expected: expected($0))
    }
  }
}
