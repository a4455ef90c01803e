import HTTPTypes
import Hummingbird
import HummingbirdCore

/// A route of the interface: what it takes and what it gives.
package struct Route: Sendable {
  typealias Handler = @Sendable (Request, APIContext) async throws -> Response

  package let method: HTTPRequest.Method
  /// As OpenAPI writes it, with `{name}` for a parameter.
  package let path: String
  /// The least a token must allow; nil where none is needed.
  package let role: TokenRole?
  /// Media types of the body it takes; empty where it takes none.
  package let takes: [String]
  /// Media types of its answer.
  package let gives: [String]
  let handler: Handler

  init(
    _ method: HTTPRequest.Method, _ path: String, _ role: TokenRole?, takes: [String] = [],
    gives: [String] = ["application/json"], handler: @escaping Handler
  ) {
    (self.method, self.path, self.role, self.takes, self.gives) = (method, path, role, takes, gives)
    self.handler = handler
  }

  var segments: [Substring] { path.split(separator: "/") }
}
