import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOSSL

/// Requests to one coordinator: the URL, the token, time limits, and what goes wrong in words.
struct Transport: Sendable {
  enum Method: Sendable { case get, post, patch }

  struct Answer: Sendable {
    let status: Int
    let body: Data
  }

  /// Of a request whose answer the coordinator has at hand.
  static let timeout = Duration.seconds(30)
  private static let connectTimeout = TimeAmount.seconds(10)
  /// The longest silence within a stream of events, which has a comment every 15 seconds.
  private static let eventSilence = TimeAmount.seconds(60)
  /// And within any other answer, which another process may be making.
  private static let silence = TimeAmount.minutes(10)
  private static let largestAnswer = 256 << 20
  private static let largestProblem = 1 << 20

  let coordinator: String
  private let token: String?
  private let client: HTTPClient
  private let eventClient: HTTPClient

  init(_ configuration: ClientConfiguration) throws {
    (coordinator, token) = (configuration.coordinator, configuration.token)
    var settings = HTTPClient.Configuration()
    // A token goes where it was meant to go, and nowhere else.
    settings.redirectConfiguration = .disallow
    settings.timeout = .init(connect: Self.connectTimeout, read: Self.silence)
    // Whoever asks decides whether to try again.
    settings.connectionPool.retryConnectionEstablishment = false
    settings.httpVersion = .http1Only
    if let file = configuration.certificateAuthority {
      settings.tlsConfiguration = try Self.trusting(file)
    }
    client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
    settings.timeout.read = Self.eventSilence
    eventClient = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
  }

  func close() async {
    try? await client.shutdown()
    try? await eventClient.shutdown()
  }

  /// - Parameter subject: what is asked for, for an answer that says nothing.
  /// - Throws: `FleetClientError` for every answer that is no success.
  func send(
    _ method: Method, _ path: [String], query: [(String, String?)] = [], body: Data? = nil,
    timeout: Duration = Transport.timeout, subject: String
  ) async throws -> Answer {
    var request = request(path, query, accept: "application/json")
    request.method = method == .get ? .GET : method == .post ? .POST : .PATCH
    if let body {
      request.headers.add(name: "Content-Type", value: "application/json")
      request.body = .bytes(ByteBuffer(bytes: body))
    }
    do {
      let response = try await client.execute(request, timeout: .nanoseconds(Int64(timeout / .nanoseconds(1))))
      let body = Data(try await response.body.collect(upTo: Self.largestAnswer).readableBytesView)
      guard (200...299).contains(response.status.code) else {
        throw problem(response.status.code, body, subject)
      }
      return Answer(status: Int(response.status.code), body: body)
    } catch {
      throw TransportErrors.describe(error, coordinator: coordinator)
    }
  }

  static let eventStream = "text/event-stream"

  /// - Parameters:
  ///   - accept: the media type wanted; of an event stream a shorter silence is borne.
  ///   - handle: called with one piece of the answer after the other; the rest is not waited for once it returns false.
  func stream(
    _ path: [String], query: [(String, String?)] = [], accept: String, subject: String,
    _ handle: (ByteBufferView) async throws -> Bool
  ) async throws {
    var request = request(path, query, accept: accept)
    request.method = .GET
    do {
      // There is no deadline for a whole stream, but one for every piece.
      let client = accept == Self.eventStream ? eventClient : client
      let response = try await client.execute(request, deadline: .distantFuture)
      guard (200...299).contains(response.status.code) else {
        let body = try await response.body.collect(upTo: Self.largestProblem)
        throw problem(response.status.code, Data(body.readableBytesView), subject)
      }
      for try await piece in response.body {
        do {
          guard try await handle(piece.readableBytesView) else { return }
        } catch {
          throw HandlerError(cause: error)
        }
      }
    } catch let error as HandlerError {
      throw error.cause
    } catch {
      throw TransportErrors.describe(error, coordinator: coordinator)
    }
  }

  /// What went wrong here with an answer, rather than on its way.
  private struct HandlerError: Error { let cause: any Error }

  private func request(_ path: [String], _ query: [(String, String?)], accept: String) -> HTTPClientRequest {
    let escaped = path.map { $0.addingPercentEncoding(withAllowedCharacters: Self.unreserved) ?? $0 }
    var url = "\(coordinator)/api/v1/\(escaped.joined(separator: "/"))"
    let pairs = query.compactMap { key, value in
      value.flatMap { $0.addingPercentEncoding(withAllowedCharacters: Self.unreserved) }.map { "\(key)=\($0)" }
    }
    if !pairs.isEmpty { url += "?" + pairs.joined(separator: "&") }
    var request = HTTPClientRequest(url: url)
    request.headers.add(name: "Accept", value: "\(accept), application/problem+json;q=0.9")
    request.headers.add(name: "User-Agent", value: "sonarsweep")
    if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
    return request
  }

  private func problem(_ status: UInt, _ body: Data, _ subject: String) -> FleetClientError {
    ProblemDocument.error(
      status: Int(status), body: body, subject: subject, hasToken: token != nil, coordinator: coordinator)
  }

  private static let unreserved = CharacterSet(
    charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

  /// The certificates of a PEM file in place of the machine's own.
  private static func trusting(_ file: String) throws -> TLSConfiguration {
    do {
      var tls = TLSConfiguration.makeClientConfiguration()
      tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(file))
      return tls
    } catch {
      throw FleetClientError(.configuration, "\(file) holds no certificate in PEM form, or cannot be read")
    }
  }
}
