import ArgumentParser
import Foundation
import SonarModel

/// `--model` and where models are looked for.
struct ModelOptions: ParsableArguments {
  @Option(name: .long, help: "The model's name, or the path of its directory. Default: sonar-mini, or the job's.")
  var model: String?

  @Option(
    name: .long,
    help:
      "A directory with models in it, searched before SONARSWEEP_MODELS, the XDG data directory and the embedded models. May be repeated."
  )
  var modelPath: [String] = []

  var library: ModelLibrary {
    ModelLibrary(
      extra: modelPath, environment: ProcessInfo.processInfo.environment, executable: Executable.url)
  }

  func directory(default name: String = "sonar-mini") throws -> ModelDirectory {
    try library.model(named: model ?? name)
  }
}

enum Executable {
  /// The running program's file.
  static var url: URL { URL(filePath: "/proc/self/exe").resolvingSymlinksInPath() }
}
