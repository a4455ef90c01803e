import Coordinator
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ResultStore
import SweepSpec

/// Results as one file, written by `sonarsweep export` and handed on as it comes; and failed units computed again.
struct ExportRoutes: Sendable {
  enum Format: String, CaseIterable {
    case csv, jsonl, npy, safetensors

    var type: String {
      switch self {
      case .csv: "text/csv"
      case .jsonl: "application/jsonl"
      case .npy, .safetensors: "application/octet-stream"
      }
    }
  }

  let desk: FleetDesk
  let runs: RunsOnDisk
  let program: ChildProgram
  let slots: Slots
  let logger: Logger

  var routes: [Route] {
    [
      Route(
        .get, "/api/v1/jobs/{job}/export", .read, gives: Array(Set(Format.allCases.map(\.type))).sorted(),
        handler: export),
      Route(.post, "/api/v1/jobs/{job}/retry", .submit, handler: retry),
    ]
  }

  private func export(_ request: Request, _ context: APIContext) async throws -> Response {
    let query = try Query(request, "format", "array")
    guard let format = try query.choice("format", Format.self) else {
      throw Problem(.badRequest, "add format=csv, jsonl, npy or safetensors")
    }
    let array = try query.optionalText("array", longest: 64)
    let run = try await runs.find(context.parameter("job"))
    let id = run.lastPathComponent
    if let array {
      let names = try await runs.read(run) { ArrayReader.names(of: try $0.job()) }
      guard names.contains(array) else {
        throw Problem(.notFound, "\(id) has no array '\(array)'; there are \(names.joined(separator: ", "))")
      }
    }
    guard let results = runs.results else { throw RunsOnDisk.noResults }
    let arguments =
      ["export", id, "--results", results.path, "--format", format.rawValue, "--output-file", "-", "--nice", "5"]
      + (array.map { ["--array", $0] } ?? [])
    let headers: HTTPFields = [
      .contentType: format.type, .cacheControl: "no-store",
      .contentDisposition: "attachment; filename=\"\(id).\(format.rawValue)\"",
    ]
    // While there is still a head to say it in.
    try await slots.checkRoom()
    return Response(
      status: .ok, headers: headers,
      body: ResponseBody { [program, slots, logger] writer in
        try await slots.enter()
        do {
          try await program.stream(arguments) { try await writer.write(ByteBuffer(bytes: $0)) }
          try await writer.finish(nil)
        } catch {
          await slots.leave()
          if let problem = error as? Problem { logger.error("export of \(id): \(problem.detail)") }
          throw error
        }
        await slots.leave()
      })
  }

  private func retry(_ request: Request, _ context: APIContext) async throws -> Response {
    let code = try Query(request, "code").optionalText("code", longest: 64)
    let name = try context.parameter("job")
    let known: JobView?
    do {
      known = try desk.view.job(named: name)
    } catch let problem as Problem where problem.status == .notFound {
      known = nil
    }
    if let known, !known.phase.hasEnded {
      return JSONAnswer.response(JobForm(try await desk.job(.retryFailures(known.id, code: code)).view))
    }
    // One that has ended is submitted again, from what its results hold of it.
    let run = try await runs.find(known?.id.rawValue ?? name)
    let job = try await runs.read(run) { try $0.job() }
    guard job.id.rawValue == run.lastPathComponent else {
      throw Problem(.conflict, "\(run.lastPathComponent) holds the results of \(job.id); rename it to that")
    }
    let submission = Submission(
      job, priority: known?.priority ?? .normal, owner: known?.owner ?? context.identity.name, retrying: code ?? "")
    return JSONAnswer.response(JobForm(try await desk.job(.submit(submission)).view))
  }
}
