import Coordinator
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import SweepSpec

/// Jobs come in.
struct SubmitRoutes: Sendable {
  enum Precision: String, CaseIterable { case fp32, bf16, int8 }

  let desk: FleetDesk
  let compiler: JobCompiler
  /// Nil where there are no results.
  let analyses: SubmittedAnalyses?
  let limits: FleetAPILimits
  /// Bytes of submissions in memory.
  private let memory: Slots

  init(desk: FleetDesk, compiler: JobCompiler, analyses: SubmittedAnalyses?, limits: FleetAPILimits) {
    (self.desk, self.compiler, self.analyses, self.limits) = (desk, compiler, analyses, limits)
    memory = Slots(limits.submissionsBytes, waiting: limits.waitingCompilations)
  }

  var routes: [Route] {
    [Route(.post, "/api/v1/jobs", .submit, takes: ["application/json", "application/yaml"], handler: submit)]
  }

  private func submit(_ request: Request, _ context: APIContext) async throws -> Response {
    let query = try Query(request, "priority", "precision")
    let priority = try query.integer("priority", JobPriority.range).flatMap { JobPriority(rawValue: $0) } ?? .normal
    let precision = try query.choice("precision", Precision.self)?.rawValue
    let length = try RequestBytes.length(of: request, limit: limits.submissionBytes)
    let job = try await memory.use(length) {
      let file = try await self.file(request)
      let job = try await compiler.compile(file, precision: precision)
      // Before the job: should it end at once, its report asks what the file asks.
      try await analyses?.keep(file.text, of: job.id)
      return job
    }
    let submission = Submission(job, priority: priority, owner: context.identity.name)
    let (view, isNew) = try await desk.job(.submit(submission))
    var response = JSONAnswer.response(JobForm(view), status: isNew ? .created : .ok)
    if isNew { response.headers[.location] = "/api/v1/jobs/\(view.id.rawValue)" }
    return response
  }

  private func file(_ request: Request) async throws -> SubmittedFile {
    guard MediaTypes.essence(request.headers[.contentType] ?? "") == "application/yaml" else {
      return try await JSONBody.read(
        SubmittedFile.self, request, limit: limits.submissionBytes, within: limits.body)
    }
    let bytes = try await RequestBytes.read(request, limit: limits.submissionBytes, within: limits.body)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Problem(.badRequest, "the job file is not UTF-8 text")
    }
    return SubmittedFile(file: "job.yaml", text: text)
  }
}
