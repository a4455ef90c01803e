import Coordinator
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore
import NIOSSL
import Synchronization

/// A fleet's HTTP interface beside the coordinator's loop: it answers on threads of its own, and meets the loop only at the
/// desk.
public final class FleetAPIServer: Sendable {
  private let task: Task<Void, Never>
  /// Where it listens, the port filled in.
  public let url: String

  private init(task: Task<Void, Never>, url: String) { (self.task, self.url) = (task, url) }

  /// Starts the server, and returns once it listens.
  ///
  /// - Throws: `KeyError` for tokens, `FleetAPIError` for all else.
  public static func start(_ options: FleetAPIOptions, desk: FleetDesk, logger: Logger) throws -> FleetAPIServer {
    let doorkeeper = try Doorkeeper(tokens: options.tokens, logger: logger)
    let metrics = HTTPMetrics(version: options.version)
    let routes = FleetAPIRoutes(options, desk: desk, metrics: metrics, logger: logger)
    let table = RouteTable(routes: routes.all)
    let responder = APIResponder(
      table: table, doorkeeper: doorkeeper, metrics: metrics, logger: logger)
    let server = try builder(options)
    let outcome = StartOutcome()
    var configuration = ApplicationConfiguration(
      address: .hostname(options.address.host, port: options.address.port), serverName: "sonarsweep")
    configuration.availableConnectionsDelegate = MaximumAvailableConnections(options.limits.connections)
    var quiet = logger
    // What goes wrong with one connection is its client's to know; what it says of itself is said better here.
    quiet.logLevel = .critical
    let application = Application(
      responder: responder, server: server, configuration: configuration,
      onServerRunning: { channel in outcome.set(.success(channel.localAddress?.port ?? options.address.port)) },
      logger: quiet)
    let task = Task {
      let background = Task { await routes.run() }
      do {
        try await application.run()
      } catch {
        outcome.set(.failure(error))
      }
      background.cancel()
      await background.value
    }
    do {
      let port = try outcome.wait().get()
      let bound = HTTPAddress(host: options.address.host, port: port)
      return FleetAPIServer(task: task, url: "\(options.tls == nil ? "http" : "https")://\(bound)")
    } catch {
      throw refusal(to: options.address, error)
    }
  }

  private static func refusal(to listen: HTTPAddress, _ error: any Error) -> FleetAPIError {
    guard let error = error as? IOError else { return FleetAPIError("HTTP cannot listen on \(listen): \(error)") }
    guard error.errnoCode == EADDRINUSE else {
      return FleetAPIError("HTTP cannot listen on \(listen): \(String(cString: strerror(error.errnoCode)))")
    }
    return FleetAPIError("another process listens on \(listen) already; stop it, or give HTTP another port by --http")
  }

  /// Answers nothing more, and waits for what is being answered, for some seconds at most.
  public func stop() {
    task.cancel()
    let ended = DispatchSemaphore(value: 0)
    Task { [task] in
      await task.value
      ended.signal()
    }
    _ = ended.wait(timeout: .now() + 5)
  }

  private static func builder(_ options: FleetAPIOptions) throws -> HTTPServerBuilder {
    let idle = TimeAmount.milliseconds(Int64(options.limits.idle / .milliseconds(1)))
    let configuration = HTTP1Channel.Configuration(
      additionalChannelHandlers: [StalledWriteHandler(patience: idle)],
      idleTimeout: idle,
      httpDecoderConfiguration: .init(
        maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 32 << 10, maxHeaderFieldCount: 100))
    let http = HTTPServerBuilder { HeldConnections(HTTP1Channel(responder: $0, configuration: configuration)) }
    guard let tls = options.tls else { return http }
    do {
      let chain = try NIOSSLCertificate.fromPEMFile(tls.certificate).map { NIOSSLCertificateSource.certificate($0) }
      let key = try NIOSSLPrivateKey(file: tls.key, format: .pem)
      var configuration = TLSConfiguration.makeServerConfiguration(
        certificateChain: chain, privateKey: .privateKey(key))
      configuration.minimumTLSVersion = .tlsv12
      configuration.applicationProtocols = ["http/1.1"]
      return try .tls(http, tlsConfiguration: configuration)
    } catch {
      throw FleetAPIError(
        "the certificate \(tls.certificate) and its key \(tls.key) cannot be used: \(error). Both are PEM files")
    }
  }
}

/// An HTTP interface that cannot start, and why.
public struct FleetAPIError: Error, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }
}

/// Whether a server has started, for a thread that waits for it.
private final class StartOutcome: Sendable {
  private let result = Mutex<Result<Int, any Error>?>(nil)
  private let isKnown = DispatchSemaphore(value: 0)

  /// The first one counts.
  func set(_ value: Result<Int, any Error>) {
    let isFirst = result.withLock { result in
      defer { result = result ?? value }
      return result == nil
    }
    if isFirst { isKnown.signal() }
  }

  func wait() -> Result<Int, any Error> {
    isKnown.wait()
    return result.withLock { $0 } ?? .failure(CancellationError())
  }
}
