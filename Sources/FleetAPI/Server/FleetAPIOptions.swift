import Foundation

/// What a fleet's HTTP interface is started with.
public struct FleetAPIOptions: Sendable {
  /// A certificate chain and its private key, in PEM.
  public struct TLS: Sendable {
    public let certificate: String
    public let key: String

    public init(certificate: String, key: String) { (self.certificate, self.key) = (certificate, key) }
  }

  public var address: HTTPAddress
  /// Nil for HTTP without encryption.
  public var tls: TLS?
  /// The file of tokens; nil where everybody who reaches the address may do everything.
  public var tokens: String?
  /// Where the aggregator writes; nil where this machine has no results.
  public var results: URL?
  /// This program, which is run again for what is heavy or may fail.
  public var program: URL
  /// Options of this program that say where models are.
  public var modelOptions: [String] = []
  /// The program's.
  public var version: String
  public var limits = FleetAPILimits()

  public init(address: HTTPAddress, program: URL, version: String) {
    (self.address, self.program, self.version) = (address, program, version)
  }
}

/// Bounds of what one fleet's HTTP interface takes on.
public struct FleetAPILimits: Sendable {
  /// Bytes of a submission with its other files, and of any other body.
  public var submissionBytes = 64 << 20
  /// Of all submissions that are in memory at a time; further ones wait.
  public var submissionsBytes = 256 << 20
  public var bodyBytes = 64 << 10
  public var connections = 1024
  public var watchers = 256
  /// How long a client may take for a request's head, or do nothing within a body or an answer.
  public var idle: Duration = .seconds(60)
  /// From a request's head to the last byte of its body.
  public var body: Duration { idle * 2 }
  /// Of a coordinator's loop that does not go round, before it counts as stuck.
  public var stale: Duration = .seconds(10)
  /// Submissions that are read at a time, that wait, and how long and with how much memory each is read.
  public var compilations = 2
  public var waitingCompilations = 64
  public var compilation: Duration = .seconds(120)
  public var compilationBytes = 8 << 30
  /// Downloads at a time.
  public var exports = 8
  /// Committed units above which a running job has no live figures: the analyses read all of them.
  public var liveUnits: UInt64 = 200_000
  /// The least time between two live analyses of a job, and how long one may take.
  public var liveEvery: Duration = .seconds(3)
  public var analysis: Duration = .seconds(600)

  public init() {}
}
