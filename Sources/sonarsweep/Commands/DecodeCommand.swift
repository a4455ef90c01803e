import ArgumentParser
import Foundation
import SonarModel
import TensorKernels

struct DecodeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "decode", abstract: "Decode embeddings given as JSON lines.",
    discussion: """
      Rows in: {"embedding": [...], "language": "eng_Latn", "max_tokens": 64}, with "beam": 5 for beam search instead of \
      greedy decoding; max_tokens may be left out. Rows out, in order: {"ids": [...], "text": "...", "log_probability": \
      -0.1}, with beam also "hypotheses": [{"ids": [...], "score": -3.2}], best first. ids come without the two prompt \
      tokens and with </s> where it was generated; log_probability is the sum of their natural log-probabilities; score \
      is that sum with the language token's own added, divided by the tokens written plus one, as SONAR's pipeline ranks \
      hypotheses. A bad row gives {"error": "..."} and exit code 1.

      Example:
        echo '{"text": "the dog", "language": "eng_Latn"}' | sonarsweep encode --input - \\
          | jq -c '. + {language: "spa_Latn"}' | sonarsweep decode --input -
      """)

  @OptionGroup var options: ModelOptions
  @Option(help: "A file of JSON lines, or - for standard input.") var input: String
  @OptionGroup var engine: EngineOptions

  struct Row: Decodable {
    let embedding: [Float]
    let language: LanguageCode
    let maxTokens: Int?
    let beam: Int?
  }

  func run() throws {
    let model = try engine.load(options.directory())
    let good = try JSONRows.process(input, as: Row.self) { rows in
      let requests = rows.map { row in Result { try request(row.get(), model) } }
      var answers = [Result<String, any Error>](repeating: .failure(CommandError("no answer")), count: rows.count)
      for (i, request) in requests.enumerated() {
        switch request {
        case .success(let request): try model.generator.submit(request, id: i)
        case .failure(let error): answers[i] = .failure(error)
        }
      }
      while !model.generator.isIdle {
        try model.generator.step { i, generation in answers[i] = Result { try line(generation, model) } }
      }
      return answers
    }
    if !good { throw ExitCode.failure }
  }

  private func request(_ row: Row, _ model: SonarModel) throws -> Generator<CPUBackend>.Request {
    let limit = model.config.maxTargetTokens - 2
    guard row.embedding.count == model.config.modelDim, row.embedding.allSatisfy(\.isFinite) else {
      throw CommandError("'embedding' must be \(model.config.modelDim) finite numbers; it has \(row.embedding.count)")
    }
    guard (1...limit).contains(row.maxTokens ?? limit) else { throw CommandError("'max_tokens' must be 1 to \(limit)") }
    guard (1...64).contains(row.beam ?? 1) else { throw CommandError("'beam' must be 1 to 64") }
    return .init(
      embedding: row.embedding, language: try model.tokenizer.token(of: row.language),
      method: row.beam.map { .beam(size: $0) } ?? .greedy, maxTokens: row.maxTokens ?? limit)
  }

  private func line(_ generation: Generation, _ model: SonarModel) throws -> String {
    guard generation.isFinite else {
      throw CommandError("the decoder's probabilities are not finite for this embedding")
    }
    let text = String(decoding: try JSONEncoder().encode(model.tokenizer.decode(generation.ids)), as: UTF8.self)
    let hypotheses = generation.hypotheses.map { "{\"ids\":\($0.ids.json),\"score\":\($0.score)}" }
    return "{\"ids\":\(generation.ids.json),\"text\":\(text),\"log_probability\":\(generation.logProbability)"
      + (hypotheses.isEmpty ? "}" : ",\"hypotheses\":[\(hypotheses.joined(separator: ","))]}")
  }
}
