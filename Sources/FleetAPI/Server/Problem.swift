import HTTPTypes
import Hummingbird
import HummingbirdCore

/// An answer that is not a success, as RFC 9457 has it.
package struct Problem: Error, HTTPResponseError {
  package let status: HTTPResponse.Status
  /// What is wrong, and what to do.
  let detail: String
  var headers = HTTPFields()
  /// Of a job file, as `file:line: key: message`; a 422 has always some or none.
  var mistakes: [String]?

  init(_ status: HTTPResponse.Status, _ detail: String) { (self.status, self.detail) = (status, detail) }

  private struct Form: Encodable {
    let type: String
    let title: String
    let status: Int
    let detail: String
    let mistakes: [String]?
  }

  package func response(from request: Request, context: some RequestContext) throws -> Response { response() }

  func response() -> Response {
    let form = Form(
      type: "about:blank", title: status.reasonPhrase, status: status.code, detail: detail,
      mistakes: mistakes ?? (status == .unprocessableContent ? [] : nil))
    var response = JSONAnswer.response(form, status: status, type: "application/problem+json")
    for field in headers { response.headers.append(field) }
    return response
  }
}
