import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore

/// Which route a request goes to.
struct RouteTable: Sendable {
  enum Match {
    case route(Route, parameters: [String: String])
    /// The path is there, for other methods.
    case otherMethods([HTTPRequest.Method])
    case none
  }

  let routes: [Route]

  func match(_ method: HTTPRequest.Method, _ path: String) -> Match {
    let segments = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
    // HEAD is GET without the body.
    let wanted = method == .head ? .get : method
    var others: [HTTPRequest.Method] = []
    for route in routes {
      guard let parameters = Self.parameters(route.segments, Array(segments)) else { continue }
      if route.method == wanted { return .route(route, parameters: parameters) }
      others.append(route.method)
    }
    return others.isEmpty ? .none : .otherMethods(others)
  }

  /// Nil where the path does not fit.
  private static func parameters(_ pattern: [Substring], _ path: [Substring]) -> [String: String]? {
    let path = path == [""] ? [] : path
    guard pattern.count == path.count else { return nil }
    var parameters: [String: String] = [:]
    for (part, segment) in zip(pattern, path) {
      if part.hasPrefix("{") {
        guard let value = String(segment).removingPercentEncoding, !value.isEmpty else { return nil }
        parameters[String(part.dropFirst().dropLast())] = value
      } else if part != segment {
        return nil
      }
    }
    return parameters
  }
}
