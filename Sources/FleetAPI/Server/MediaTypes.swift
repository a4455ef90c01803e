import HTTPTypes
import Hummingbird
import HummingbirdCore

/// What a request says of media types: `Content-Type` and `Accept`.
enum MediaTypes {
  /// Throws `Problem` unless the body is of a type that the route takes.
  static func checkBody(_ request: Request, _ route: Route) throws {
    guard !route.takes.isEmpty else { return }
    let type = essence(request.headers[.contentType] ?? "")
    guard route.takes.contains(type) else {
      throw Problem(
        .unsupportedMediaType,
        "Content-Type must be \(route.takes.joined(separator: " or ")), not '\(type.prefix(100))'")
    }
  }

  /// Throws `Problem` where the client wants none of what the route gives.
  static func checkAnswer(_ request: Request, _ route: Route) throws {
    guard let accept = request.headers[.accept] else { return }
    let all = accept.split(separator: ",")
    guard !all.isEmpty else { return }
    let ranges = all.filter { !$0.replacing(" ", with: "").hasSuffix(";q=0") }.map(essence)
    for type in route.gives {
      let family = type.prefix { $0 != "/" } + "/*"
      if ranges.contains(where: { $0 == "*/*" || $0 == family || $0 == type }) { return }
    }
    throw Problem(
      .notAcceptable, "the answer is of type \(route.gives.joined(separator: " or ")), which Accept leaves out")
  }

  /// Without parameters.
  static func essence(_ text: some StringProtocol) -> String {
    text.prefix { $0 != ";" }.lowercased().replacing(" ", with: "").replacing("\t", with: "")
  }
}
