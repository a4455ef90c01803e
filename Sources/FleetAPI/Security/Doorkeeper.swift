import FleetSecurity
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import Synchronization

/// Says who asks. With tokens, whose token a request carries; without, whether it comes from this machine and was not made
/// by a page of some other site in a browser on it.
///
/// Failed attempts are counted, not slowed down: a token has 256 random bits, which nobody guesses.
final class Doorkeeper: Sendable {
  private struct State {
    var entries: [TokenFile.Entry]
    var stamp: GuardedFile.Stamp?
    var nextLook: ContinuousClock.Instant
    var problem = ""
  }

  private static let look = Duration.milliseconds(100)

  private let file: TokenFile?
  private let state: Mutex<State>
  private let logger: Logger

  /// - Throws: `KeyError` where there are tokens, and the file cannot be used.
  init(tokens path: String?, logger: Logger) throws {
    file = path.map { TokenFile($0) }
    let stamp = file.flatMap { GuardedFile.Stamp($0.path) }
    state = Mutex(State(entries: try file?.entries() ?? [], stamp: stamp, nextLook: .now + Self.look))
    self.logger = logger
  }

  /// Who asks.
  ///
  /// - Throws: `Problem` where nobody may, or this one may not do what takes `role`.
  func admit(_ request: Request, role: TokenRole?) throws -> Identity {
    guard file != nil else {
      try OriginRules.check(request)
      return Identity(name: "", role: .admin)
    }
    guard let role else { return Identity(name: "", role: .read) }
    guard let header = request.headers[.authorization] else {
      throw Self.unauthenticated("this takes a token: Authorization: Bearer TOKEN. 'sonarsweep tokens add' makes one")
    }
    let words = header.split(separator: " ", omittingEmptySubsequences: true)
    guard words.count == 2, words[0].lowercased() == "bearer", let entry = entry(of: words[1]) else {
      throw Self.unauthenticated("this token is not known here; it may have been revoked, or belong to another fleet")
    }
    guard entry.role >= role else {
      throw Problem(
        .forbidden, "the token '\(entry.name)' has the role \(entry.role.rawValue); this takes \(role.rawValue)")
    }
    return Identity(name: entry.name, role: entry.role)
  }

  private static func unauthenticated(_ detail: String) -> Problem {
    var problem = Problem(.unauthorized, detail)
    problem.headers[.wwwAuthenticate] = "Bearer realm=\"sonarsweep\""
    return problem
  }

  private func entry(of token: Substring) -> TokenFile.Entry? {
    rereadNowAndThen()
    let hash = TokenFile.hash(of: token)
    // All of them, and all bytes of each: the time taken says nothing of which was nearly right.
    return state.withLock { $0.entries }.reduce(into: nil) { found, entry in
      let difference = zip(entry.hash, hash).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) }
      if difference == 0 { found = entry }
    }
  }

  /// Takes over a changed file. One that cannot be read changes nothing: a slip of an editor must not lock everybody out.
  private func rereadNowAndThen() {
    guard let file else { return }
    state.withLock { state in
      guard ContinuousClock.now >= state.nextLook else { return }
      state.nextLook = .now + Self.look
      let stamp = GuardedFile.Stamp(file.path)
      guard stamp != state.stamp else { return }
      do {
        state.entries = try file.entries()
        (state.stamp, state.problem) = (stamp, "")
        logger.info("the tokens have changed; there are \(state.entries.count)")
      } catch {
        guard state.problem != "\(error)" else { return }
        state.problem = "\(error)"
        logger.error("the file of tokens has changed and cannot be read; the former ones stay in force: \(error)")
      }
    }
  }
}
