import ArgumentParser

struct ModelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "model", abstract: "Import, verify, list, show and remove models.",
    discussion: """
      Models are looked for in the directories of --model-path, those of SONARSWEEP_MODELS (separated by colons), \
      sonarsweep/models in the XDG data directory (~/.local/share), and where the program's own model lies.
      """,
    subcommands: [
      ModelImportCommand.self, ModelVerifyCommand.self, ModelListCommand.self, ModelInfoCommand.self,
      ModelRemoveCommand.self,
    ])
}
