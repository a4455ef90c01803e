import ArgumentParser
import FleetClient
import Foundation

extension CompletionKind {
  /// Ids of the coordinator's jobs; none where it does not answer at once.
  static var jobs: CompletionKind {
    .custom { words, _, prefix in
      RemoteCompletion.candidates(words) { try await $0.jobs(limit: 1000).map(\.id) }.filter { $0.hasPrefix(prefix) }
    }
  }

  /// Ids of the coordinator's workers.
  static var workers: CompletionKind {
    .custom { words, _, prefix in
      RemoteCompletion.candidates(words) { try await $0.workers().map(\.id) }.filter { $0.hasPrefix(prefix) }
    }
  }
}

private enum RemoteCompletion {
  /// A shell waits for it, and so does whoever pressed the key.
  private static let patience = Duration.seconds(2)

  /// - Parameter words: of the command line, whose options count.
  static func candidates(
    _ words: [String], _ ask: @escaping @Sendable (CoordinatorClient) async throws -> [String]
  ) -> [String] {
    let flags = ClientConfiguration.Flags(
      coordinator: value(of: "--coordinator", in: words), tokenFile: value(of: "--token-file", in: words),
      certificateAuthority: value(of: "--ca-file", in: words))
    guard
      let configuration = try? ClientConfiguration(flags: flags, environment: ProcessInfo.processInfo.environment)
    else { return [] }
    let answer = try? Asynchronous.run {
      try await withThrowingTaskGroup(of: [String].self) { group in
        group.addTask { try await CoordinatorClient.with(configuration, ask) }
        group.addTask {
          try await Task.sleep(for: patience)
          return []
        }
        defer { group.cancelAll() }
        return try await group.next() ?? []
      }
    }
    return answer ?? []
  }

  private static func value(of option: String, in words: [String]) -> String? {
    for (i, word) in words.enumerated() {
      if word == option, i + 1 < words.count { return words[i + 1] }
      if word.hasPrefix(option + "=") { return String(word.dropFirst(option.count + 1)) }
    }
    return nil
  }
}
