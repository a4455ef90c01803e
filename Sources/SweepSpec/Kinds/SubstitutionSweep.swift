import SonarModel

/// Can a token be changed by arithmetic? E(sentence) + scale × (E(new) - E(old)) changes it everywhere; with `new` and
/// `old` at one position among fillers, as many tokens as the sentence has, only there.
///
/// Axes: sentence, substitution (attributes old, new, scope, position, grammatical), scale (only where `scales` is
/// given). Success is the sentence with the token or tokens replaced. A unit whose sentence does not have the old token
/// there is skipped.
public struct SubstitutionSweep: SweepKind {
  public static let name = "substitution"
  public static let summary = "changes a token of a sequence, everywhere or at one position, by a difference"

  private struct Sentence: Codable, Hashable {
    let label: String
    let ids: [TokenID]
  }

  private let language: LanguageCode
  private let sentences: [Sentence]
  private let substitutions: [Substitution]
  private let filler: TokenID?
  private let scales: NumberList?

  /// The most sentences a job may have: they are part of its spec, as ids.
  private static let maxSentences = 10_000

  public init?(reading mapping: YAMLMapping, in context: JobContext) {
    let language = mapping.language(in: context)
    let sentencesValue = mapping.required("sentences", "texts, as [the dog sees a dog], or {pieces: [dog a bit dog b]}")
    let list = sentencesValue.flatMap { SequenceList($0, language: language, in: context) }
    let substitutionsValue = mapping.required("substitutions", "as [{old: dog, new: cat, position: 3}]")
    let substitutions = substitutionsValue?.list()?.compactMapAll { Substitution.read($0, in: context) }?.flatMap { $0 }
    let fillerValue = mapping.optional("filler")
    let filler = fillerValue.flatMap(context.token)?.id
    let scalesValue = mapping.optional("scales")
    let scales = scalesValue.flatMap { NumberList($0) }
    guard let language, let list, let substitutions, let tokenizer = context.tokenizer,
      (filler == nil) == (fillerValue == nil), (scales == nil) == (scalesValue == nil)
    else { return nil }
    (self.language, self.substitutions, self.filler, self.scales) = (language, substitutions, filler, scales)
    do {
      let loaded = try list.load(from: context.assets, language: language)
      sentences = try loaded.sequences.enumerated().map { i, sequence in
        Sentence(label: loaded.labels.label(at: i), ids: try sequence.contentIDs(in: tokenizer))
      }
      try check()
    } catch let error as Substitution.Misfit {
      substitutionsValue?.report(error.message)
      return nil
    } catch {
      sentencesValue?.report("\(error)")
      return nil
    }
  }

  private func check() throws {
    guard sentences.count <= Self.maxSentences else {
      throw SweepError("\(sentences.count) sentences are more than \(Self.maxSentences); set a limit")
    }
    if filler == nil, let example = substitutions.first(where: { $0.position != nil }) {
      throw Substitution.Misfit(
        message: "'\(example.label)' is at one position; give 'filler', the token around it in the difference")
    }
    var seen: Set<String> = []
    for substitution in substitutions {
      guard seen.insert(substitution.label).inserted else {
        throw Substitution.Misfit(message: "'\(substitution.label)' stands there twice; each stands there once")
      }
      guard sentences.contains(where: { substitution.replaced(in: $0.ids) != nil }) else {
        throw Substitution.Misfit(message: "'\(substitution.label)' fits no sentence: none has the old token there")
      }
    }
  }

  public func sweep(assets: Assets, decode: DecodeSpec?) throws -> Sweep {
    guard filler != nil || substitutions.allSatisfy({ $0.position == nil }) else {
      throw SweepError("a substitution at one position needs a filler")
    }
    guard sentences.allSatisfy({ $0.ids.count <= maxSequenceLength }) else {
      throw SweepError("a sentence is too long")
    }
    var axes = [Axis("sentence", .strings(sentences.map(\.label))), Substitution.axis(substitutions)]
    if let scales { axes.append(scales.axis("scale")) }
    return try Sweep(axes: axes) { [self] at, _ in
      let (sentence, substitution) = (sentences[at[0]], substitutions[at[1]])
      guard let (old, replaced) = substitution.replaced(in: sentence.ids) else { return nil }
      let scale = scales.map { Float($0[at[2]]) } ?? 1
      let among = substitution.position.map { (position: $0, count: sentence.ids.count) }
      return Probe(
        terms: [
          .init(.sequence(sequence(sentence.ids))),
          .init(weight: scale, .sequence(side(substitution.new, among))),
          .init(weight: -scale, .sequence(side(old, among))),
        ], decode: decode, expected: sequence(replaced))
    }
  }

  /// One side of the difference: the token alone, or among fillers.
  private func side(_ token: TokenID, _ among: (position: Int, count: Int)?) -> TokenSequence {
    guard let among, let filler else { return sequence([token]) }
    let filled = FilledSequence(language: language, length: among.count)
    return filled(.id(token), at: among.position, among: .id(filler))
  }

  private func sequence(_ ids: [TokenID]) -> TokenSequence {
    TokenSequence(language: language, .tokens(ids.map { .id($0) }))
  }
}
