import Foundation

/// A coordinator's HTTP interface, as openapi.yaml describes it. Every call throws `FleetClientError`, or
/// `CancellationError` where its task is cancelled.
public struct CoordinatorClient: Sendable {
  private let transport: Transport

  /// - Throws: `FleetClientError` where the configuration cannot be used. `close` must be called in the end.
  public init(_ configuration: ClientConfiguration) throws { transport = try Transport(configuration) }

  /// Runs a body with a client and closes it.
  public static func with<Result: Sendable>(
    _ configuration: ClientConfiguration, _ body: @Sendable (CoordinatorClient) async throws -> Result
  ) async throws -> Result {
    let client = try CoordinatorClient(configuration)
    do {
      let result = try await body(client)
      await client.close()
      return result
    } catch {
      await client.close()
      throw error
    }
  }

  public func close() async { await transport.close() }

  public var coordinator: String { transport.coordinator }

  // MARK: Jobs

  /// - Returns: the job, and whether it is new.
  public func submit(_ submission: JobSubmission, priority: Int? = nil, precision: String? = nil) async throws -> (
    job: RemoteJob, isNew: Bool
  ) {
    let query = [("priority", priority.map(String.init)), ("precision", precision)]
    // The coordinator checks the job, which may compute its vectors.
    let answer = try await transport.send(
      .post, ["jobs"], query: query, body: try submission.encoded(), timeout: Self.patience, subject: "job")
    return (try RemoteJSON.decode(RemoteJob.self, from: answer.body), answer.status == 201)
  }

  private struct JobPage: Decodable {
    let jobs: [RemoteJob]
    let next: String?
  }

  /// Jobs as the coordinator orders them: those that have not ended first, then the others, the last first.
  ///
  /// - Parameter limit: the most to ask for.
  public func jobs(phase: RemoteJob.Phase? = nil, limit: Int = .max) async throws -> [RemoteJob] {
    var jobs: [RemoteJob] = []
    var after: String?
    repeat {
      let query = [("phase", phase?.rawValue), ("limit", String(min(limit - jobs.count, 1000))), ("after", after)]
      let page: JobPage = try await get(["jobs"], query: query, subject: "job")
      jobs += page.jobs
      after = page.jobs.isEmpty ? nil : page.next
    } while after != nil && jobs.count < limit
    return jobs
  }

  /// - Parameter name: a job's id, or the start of it.
  public func job(_ name: String) async throws -> RemoteJob {
    try await get(["jobs", name], subject: "job '\(name)'")
  }

  public enum JobAction: String, Sendable { case cancel, pause, resume }

  public func change(_ name: String, _ action: JobAction) async throws -> RemoteJob {
    try await post(["jobs", name, action.rawValue], subject: "job '\(name)'")
  }

  public func setPriority(of name: String, to priority: Int) async throws -> RemoteJob {
    let body = Data("{\"priority\":\(priority)}".utf8)
    let answer = try await transport.send(.patch, ["jobs", name], body: body, subject: "job '\(name)'")
    return try RemoteJSON.decode(RemoteJob.self, from: answer.body)
  }

  /// Computes failed units again.
  ///
  /// - Parameter code: only those that failed with it.
  public func retry(_ name: String, code: String? = nil) async throws -> RemoteJob {
    try await post(["jobs", name, "retry"], query: [("code", code)], subject: "job '\(name)'", timeout: Self.patience)
  }

  // MARK: Workers and the fleet

  private struct Workers: Decodable { let workers: [RemoteWorker] }

  public func workers() async throws -> [RemoteWorker] {
    let answer: Workers = try await get(["workers"], subject: "workers")
    return answer.workers
  }

  /// - Parameter id: the worker's.
  public func drain(_ id: String) async throws -> RemoteWorker {
    try await post(["workers", id, "drain"], subject: "worker '\(id)'")
  }

  public func fleet() async throws -> RemoteFleet { try await get(["fleet"], subject: "fleet") }

  /// What there is, then what changes, until the connection ends: without an error where the coordinator ends it.
  ///
  /// - Parameters:
  ///   - job: a job's full id; nil for all.
  ///   - handle: called with one event after the other; the stream ends when it returns false.
  public func watch(job: String? = nil, _ handle: (FleetEvent) async throws -> Bool) async throws {
    var parser = ServerSentEventParser()
    try await transport.stream(["events"], query: [("job", job)], accept: Transport.eventStream, subject: "events") {
      bytes in
      let events: [ServerSentEvent]
      do {
        events = try parser.feed(bytes)
      } catch is ServerSentEventParser.Overflow {
        throw FleetClientError(.unexpectedAnswer, "\(coordinator) sends no stream of events")
      }
      for event in events {
        if let event = try FleetEvent(event), !(try await handle(event)) { return false }
      }
      return true
    }
  }

  // MARK: Results

  /// The results of a job as one file, piece by piece.
  /// It is over once all of it has come; an answer that was cut off is an error.
  ///
  /// - Parameter array: as openapi.yaml's `array`.
  public func export(
    _ name: String, as format: ExportFormat, array: String? = nil, _ handle: (Data) throws -> Void
  ) async throws {
    let query = [("format", format.rawValue), ("array", array)]
    try await transport.stream(["jobs", name, "export"], query: query, accept: "*/*", subject: "job '\(name)'") {
      bytes in
      try handle(Data(bytes))
      return true
    }
  }

  /// The job's report, an HTML page, piece by piece.
  public func report(_ name: String, _ handle: (Data) throws -> Void) async throws {
    try await transport.stream(["jobs", name, "report"], accept: "text/html", subject: "job '\(name)'") { bytes in
      try handle(Data(bytes))
      return true
    }
  }

  // MARK: -

  /// For what the coordinator hands to another process: that has as long as it needs, within reason.
  private static let patience = Duration.seconds(600)

  private func get<Value: Decodable>(
    _ path: [String], query: [(String, String?)] = [], subject: String
  ) async throws -> Value {
    try RemoteJSON.decode(Value.self, from: await transport.send(.get, path, query: query, subject: subject).body)
  }

  private func post<Value: Decodable>(
    _ path: [String], query: [(String, String?)] = [], subject: String, timeout: Duration = Transport.timeout
  ) async throws -> Value {
    let answer = try await transport.send(.post, path, query: query, timeout: timeout, subject: subject)
    return try RemoteJSON.decode(Value.self, from: answer.body)
  }
}
