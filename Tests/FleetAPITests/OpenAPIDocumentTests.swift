import Coordinator
import FleetAPI
import Foundation
import HTTPTypes
import Logging
import Testing
import Yams

/// The document says what routes there are, of both sides: whether they do what it says is tested by schemathesis, against a
/// real fleet.
struct OpenAPIDocumentTests {
  /// A route, or the operation that describes it.
  private struct Operation: Hashable, CustomStringConvertible {
    let method, path: String
    let needsToken: Bool
    /// Media types of its body, and of what it answers where all is well.
    let takes, gives: Set<String>

    var description: String { "\(method) \(path) token \(needsToken) takes \(takes.sorted()) gives \(gives.sorted())" }
  }

  @Test(
    "the document lists the routes there are, and no others, with their media types and who needs a token")
  func listsAllRoutes() throws {
    let (routes, document) = (Set(try Self.routes.described.map(Self.operation)), Set(try Self.operations()))
    #expect(routes.count == (try Self.routes.described.count) && routes.count > 20)
    #expect(document.subtracting(routes).isEmpty, "described, and not there")
    #expect(routes.subtracting(document).isEmpty, "there, and not described so")
  }

  @Test("what is not described are files, which anybody may get")
  func pagesAreFiles() throws {
    for page in try Self.routes.pages { #expect(page.method == .get && page.role == nil && page.takes.isEmpty) }
  }

  @Test("seeing takes the role read, jobs submit, workers admin, and health none")
  func wantsRoles() throws {
    for route in try Self.routes.described {
      let expected: TokenRole? =
        if route.path.hasSuffix("/drain") { .admin } else if route.path.hasSuffix("z") {
          nil
        } else if route.method == .get {
          .read
        } else { .submit }
      #expect(route.role == expected, "\(route.method) \(route.path)")
    }
  }

  private static var routes: FleetAPIRoutes {
    get throws {
      var options = FleetAPIOptions(
        address: HTTPAddress(host: "127.0.0.1", port: 0), program: URL(filePath: "/bin/false"), version: "test")
      options.results = URL(filePath: "/nowhere")
      return try FleetAPIRoutes(
        options, desk: FleetDesk(), metrics: HTTPMetrics(version: "test"), logger: Logger(label: "test"))
    }
  }

  private static func operation(_ route: Route) -> Operation {
    Operation(
      method: route.method.rawValue, path: route.path, needsToken: route.role != nil, takes: Set(route.takes),
      gives: Set(route.gives))
  }

  private static func operations() throws -> [Operation] {
    let document = try #require(try Yams.load(yaml: String(decoding: OpenAPIDocument.yaml, as: UTF8.self)) as? Object)
    let paths = try #require(document["paths"] as? [String: Object])
    return try paths.flatMap { path, item in
      try item.filter { $0.key != "parameters" }.map { method, operation in
        let operation = try #require(operation as? Object)
        let body = (operation["requestBody"] as? Object)?["content"] as? Object ?? [:]
        let answers = try #require(operation["responses"] as? [String: Object]).filter { $0.key.hasPrefix("2") }
        let gives = answers.values.flatMap { ($0["content"] as? Object ?? [:]).keys }
        return Operation(
          method: method.uppercased(), path: path, needsToken: operation["security"] == nil, takes: Set(body.keys),
          gives: Set(gives))
      }
    }
  }

  private typealias Object = [String: Any]
}
