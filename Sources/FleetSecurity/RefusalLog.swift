import FleetProtocol

/// Counts what was refused, and says so in few lines: anyone who can reach a port can cause refusals as fast as he likes.
package struct RefusalLog {
  package enum Kind: String, CaseIterable {
    case malformed = "what is no message of the protocol"
    case plain = "a client without CURVE"
    case wrongServer = "a client with another server's key"
    case unknown = "an unknown or revoked key"
    case revoked = "a message of a key revoked while connected"
    case role = "a message that the key's role does not allow"
    case handshake = "a broken handshake, perhaps of a client without CURVE"

    /// As metrics name it.
    var reason: String {
      switch self {
      case .malformed: "malformed"
      case .plain: "plain"
      case .wrongServer: "wrong-server"
      case .unknown: "unknown-key"
      case .revoked: "revoked-key"
      case .role: "role"
      case .handshake: "handshake"
      }
    }
  }

  private struct Tally {
    var count = 0
    var told = 0
    var next: MonotonicInstant?
    var example = ""
  }

  /// The least time between two lines of a kind.
  private static let interval = Duration.seconds(10)

  private var tallies: [Kind: Tally] = [:]

  package init() {}

  package func count(of kind: Kind) -> Int { tallies[kind]?.count ?? 0 }

  package var counts: RefusalCounts {
    RefusalCounts(Dictionary(uniqueKeysWithValues: tallies.map { ($0.key.reason, UInt64($0.value.count)) }))
  }

  package mutating func add(_ kind: Kind, _ example: String = "") {
    tallies[kind, default: Tally()].count += 1
    tallies[kind]?.example = example
  }

  /// Lines that are due: the first refusal of a kind at once, then the count as it stands now and then.
  package mutating func lines(at now: MonotonicInstant) -> [String] {
    Kind.allCases.compactMap { kind in
      guard let tally = tallies[kind], tally.count > tally.told, tally.next.map({ $0 <= now }) ?? true else {
        return nil
      }
      tallies[kind]?.told = tally.count
      tallies[kind]?.next = now + Self.interval
      return "refused \(kind.rawValue)\(tally.example.isEmpty ? "" : ": \(tally.example)") (\(tally.count) so far)"
    }
  }
}
