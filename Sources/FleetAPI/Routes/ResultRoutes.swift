import Coordinator
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import ResultStore
import SweepSpec

/// What came of jobs: records, findings, figures, reports.
struct ResultRoutes: Sendable {
  /// Where a job's findings and figures lie.
  private struct Source: Sendable {
    let run: URL
    /// Nil for the run's own directory.
    let live: LiveResults.Made?
    let units: UInt64

    var directory: URL { live?.directory ?? run }
  }

  let runs: RunsOnDisk
  let live: LiveResults

  var routes: [Route] {
    [
      Route(.get, "/api/v1/jobs/{job}/records", .read, handler: records),
      Route(.get, "/api/v1/jobs/{job}/findings", .read, handler: findings),
      Route(.get, "/api/v1/jobs/{job}/figures", .read, handler: figures),
      Route(.get, "/api/v1/jobs/{job}/figures/{figure}", .read, gives: ["image/svg+xml"], handler: figure),
      Route(.get, "/api/v1/jobs/{job}/report", .read, gives: ["text/html"], handler: report),
    ]
  }

  private func records(_ request: Request, _ context: APIContext) async throws -> Response {
    let query = try Query(request, "limit", "after", "status")
    let (limit, after) = (try query.integer("limit", 1...1000) ?? 100, try query.natural("after"))
    let status = try query.choice("status", UnitStatus.self)?.rawValue
    let run = try await runs.find(context.parameter("job"))
    let records = try await runs.read(run) { try $0.records(after: after, status: status, limit: limit + 1) }
    let page = records.prefix(limit)
    return JSONAnswer.response(
      RecordsForm(
        records: page.map { RecordForm($0) }, next: OrNull(page.count < records.count ? page.last?.unit : nil)))
  }

  private func findings(_ request: Request, _ context: APIContext) async throws -> Response {
    _ = try Query(request)
    let source = try await source(context.parameter("job"))
    let findings: [StoredFinding]
    if let live = source.live {
      let decoder = JSONDecoder()
      decoder.keyDecodingStrategy = .convertFromSnakeCase
      findings = try decoder.decode(
        [StoredFinding].self, from: await Self.data(live.directory.appending(path: "findings.json")))
    } else {
      findings = try await runs.read(source.run) { try $0.findings() }
    }
    return JSONAnswer.response(FindingsForm(findings: findings, units: source.units, final: source.live == nil))
  }

  private func figures(_ request: Request, _ context: APIContext) async throws -> Response {
    _ = try Query(request)
    let source = try await source(context.parameter("job"))
    let path = "/api/v1/jobs/\(source.run.lastPathComponent)/figures/"
    let figures = try await names(in: source).map { FiguresForm.Figure(name: String($0.dropLast(4)), url: path + $0) }
    return JSONAnswer.response(FiguresForm(figures: figures, units: source.units, final: source.live == nil))
  }

  private func figure(_ request: Request, _ context: APIContext) async throws -> Response {
    _ = try Query(request)
    let (job, name) = (try context.parameter("job"), try context.parameter("figure", longest: 128))
    let source = try await source(job)
    // By listing, so that no name leads anywhere else.
    guard let file = try await names(in: source).first(where: { $0 == name }) else {
      throw Problem(
        .notFound, "\(job) has no figure '\(name)'; see /api/v1/jobs/\(source.run.lastPathComponent)/figures")
    }
    return try await Self.file(source.directory.appending(path: "figures/\(file)"), "image/svg+xml")
  }

  private func report(_ request: Request, _ context: APIContext) async throws -> Response {
    _ = try Query(request)
    let source = try await source(context.parameter("job"))
    return try await Self.file(source.directory.appending(path: "report.html"), "text/html; charset=utf-8")
  }

  private func names(in source: Source) async throws -> [String] {
    try await Blocking.run {
      let names = try? FileManager.default.contentsOfDirectory(
        atPath: source.directory.appending(path: "figures").path)
      return (names ?? []).filter { $0.hasSuffix(".svg") }.sorted()
    }
  }

  /// The run's own where it is done and reported; else what its committed units say so far.
  private func source(_ name: String) async throws -> Source {
    let run = try await runs.find(name)
    let (isDone, units) = try await runs.read(run) { reader in (try reader.isDone(), try reader.committedCount()) }
    let hasReport = FileManager.default.fileExists(atPath: run.appending(path: "report.html").path)
    if isDone, hasReport { return Source(run: run, live: nil, units: units) }
    let made = try await live.results(of: run, units: units)
    return Source(run: run, live: made, units: made.units)
  }

  private static func data(_ url: URL) async throws -> Data {
    let data = try await Blocking.run { try? Data(contentsOf: url) }
    guard let data else { throw Problem(.conflict, "it is just being made anew; ask again") }
    return data
  }

  private static func file(_ url: URL, _ type: String) async throws -> Response {
    let data = try await data(url)
    var headers: HTTPFields = [.contentType: type, .cacheControl: "no-store"]
    headers[.contentSecurityPolicy] = SecurityHeaders.drawing
    return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: data)))
  }
}
