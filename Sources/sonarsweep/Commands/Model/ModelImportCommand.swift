import ArgumentParser
import Foundation
import SonarModel

struct ModelImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Make a model of Meta's SONAR checkpoints, or of others of their form.",
    discussion: """
      Reads .pt files of fairseq2 and of fairseq, and Hugging Face ports: a safetensors file, an index of shards, or a \
      directory with either; one port may hold both halves. Nothing in a checkpoint is executed. Heads and languages \
      come from --config, or from the config.json beside a port's weights, or are SONAR's own (16 heads, 202 languages). \
      Weights keep their type (F32, F16, BF16). The model goes to sonarsweep/models in the XDG data directory \
      (~/.local/share) and appears there complete or not at all; Ctrl-C leaves nothing.

      Meta's weights are under CC-BY-NC-4.0; to keep to that is up to you.

      Examples:
        sonarsweep model import --encoder sonar_text_encoder.pt --decoder sonar_text_decoder.pt \\
          --tokenizer sentencepiece.source.256000.model --name sonar
        sonarsweep model import --encoder port/ --decoder port/ --tokenizer port/sentencepiece.bpe.model --name port
      """)

  @Option(help: "The encoder's checkpoint: a file or a directory.") var encoder: String
  @Option(help: "The decoder's checkpoint; may be the encoder's.") var decoder: String
  @Option(help: "The SentencePiece model.") var tokenizer: String
  @Option(help: "The model's name from now on.") var name: String
  @Option(help: "A config.json, of this program's form or of Hugging Face's.") var config: String?
  @Option(help: "A directory of models to put it in; default sonarsweep/models in the XDG data directory.")
  var into: String?
  @Flag(help: "Replace a model of this name.") var replace = false
  @Flag(help: "Show no progress.") var quiet = false
  @Option(help: "table or json: the form of the summary on standard output.") var output = OutputFormat.table

  struct Summary: Encodable {
    let name: String
    let path: String
    let fingerprint: String
    let dim: Int
    let languages: Int
    let bytes: Int
  }

  private struct Interrupted: Error {}

  func run() throws {
    let library = ModelLibrary(
      extra: [], environment: ProcessInfo.processInfo.environment, executable: Executable.url)
    guard let directory = into.map({ URL(filePath: $0) }) ?? library.userDirectory else {
      throw CommandError("there is no home directory to put models in; name a directory by --into DIR")
    }
    let models = ModelImport(
      encoder: URL(filePath: encoder), decoder: URL(filePath: decoder), tokenizer: URL(filePath: tokenizer),
      config: config.map { URL(filePath: $0) }, name: name)
    let stop = try StopSignal()
    var display = ImportDisplay(quiet: quiet)
    let model: ModelDirectory
    do {
      defer { display.end() }
      model = try models.write(into: directory, replacing: replace) { progress in
        guard !stop.wait(atMost: .zero) else { throw Interrupted() }
        display.update(progress)
      }
    } catch is Interrupted {
      Output.note("stopped; nothing was left behind")
      throw ExitCode(130)
    }
    try report(model, isFound: library.searchPath.contains { $0.standardizedFileURL == directory.standardizedFileURL })
  }

  private func report(_ model: ModelDirectory, isFound: Bool) throws {
    let config = try model.config()
    let weights = try model.url.appending(path: "model.safetensors").resourceValues(forKeys: [.fileSizeKey])
    let summary = Summary(
      name: model.name, path: model.url.path, fingerprint: try model.fingerprint().rawValue, dim: config.modelDim,
      languages: config.languages.count, bytes: weights.fileSize ?? 0)
    switch output {
    case .json: try Output.json(summary)
    case .table:
      Output.table(
        ["model", summary.name],
        [
          ["path", summary.path], ["fingerprint", summary.fingerprint], ["embedding", "\(summary.dim) float32 values"],
          ["languages", String(summary.languages)], ["weights", "\(UInt64(summary.bytes).grouped) bytes"],
        ])
    }
    let path = isFound ? "" : " --model-path \(model.url.deletingLastPathComponent().path)"
    Output.note("check it with: sonarsweep model verify \(model.name)\(path)")
  }
}
