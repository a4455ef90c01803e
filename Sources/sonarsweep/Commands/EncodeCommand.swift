import ArgumentParser
import Foundation
import SonarModel

struct EncodeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "encode", abstract: "Embed texts, pieces or ids given as JSON lines.",
    discussion: """
      Rows in: {"text": "the dog", "language": "eng_Latn"}, {"pieces": ["dog", "_"], "language": "eng_Latn"} or \
      {"ids": [5197, 1738, 3]} (language token and </s> included). Rows out, in order: {"ids": [...], "embedding": \
      [...]}. A bad row gives {"error": "..."} in its place, and exit code 1.

      Example:
        echo '{"text": "the dog sleeps", "language": "eng_Latn"}' | sonarsweep encode --input -
      """)

  @OptionGroup var options: ModelOptions
  @Option(help: "A file of JSON lines, or - for standard input.") var input: String
  @Flag(help: "Add \"states\": the encoder's states after the final LayerNorm, length × dim.") var states = false
  @OptionGroup var engine: EngineOptions

  struct Row: Decodable {
    let text: String?
    let pieces: [String]?
    let ids: [TokenID]?
    let language: LanguageCode?
  }

  func run() throws {
    let model = try engine.load(options.directory())
    let good = try JSONRows.process(input, as: Row.self) { rows in
      let inputs = rows.map { row in Result { try ids(of: row.get(), model) } }
      let sequences = inputs.compactMap { try? $0.get() }
      var answers = try answer(sequences, model)[...]
      return inputs.map { input in input.map { _ in answers.removeFirst() } }
    }
    if !good { throw ExitCode.failure }
  }

  private func answer(_ sequences: [[TokenID]], _ model: SonarModel) throws -> [String] {
    guard states else {
      return zip(sequences, try model.encode(sequences)).map { "{\"ids\":\($0.json),\"embedding\":\($1.json)}" }
    }
    return try sequences.map { sequence in
      let encoded = try model.encoder.encodeWithStates([sequence])[0]
      let states = "[" + encoded.states.map(\.json).joined(separator: ",") + "]"
      return "{\"ids\":\(sequence.json),\"embedding\":\(encoded.embedding.json),\"states\":\(states)}"
    }
  }

  /// The encoder's input, checked.
  private func ids(of row: Row, _ model: SonarModel) throws -> [TokenID] {
    let ids: [TokenID]
    switch (row.text, row.pieces, row.ids) {
    case (nil, nil, let given?): ids = given
    case (let text?, nil, nil): ids = try framed(model.tokenizer.encode(text), row, model)
    case (nil, let pieces?, nil): ids = try framed(pieces.map { try model.tokenizer.token(ofWord: $0) }, row, model)
    default: throw CommandError("a row has one of 'text', 'pieces' and 'ids'")
    }
    try model.tokenizer.check(ids)
    guard (1...model.config.maxSourceTokens).contains(ids.count) else {
      throw CommandError("the sequence has \(ids.count) tokens; the encoder takes 1 to \(model.config.maxSourceTokens)")
    }
    return ids
  }

  private func framed(_ content: [TokenID], _ row: Row, _ model: SonarModel) throws -> [TokenID] {
    guard let language = row.language else { throw CommandError("the key 'language' is missing") }
    return [try model.tokenizer.token(of: language)] + content + [Tokenizer.endOfSequence]
  }
}
