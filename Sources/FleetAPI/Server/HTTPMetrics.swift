import HTTPTypes
import Hummingbird
import HummingbirdCore
import Monitoring
import Synchronization

/// What the interface counts of itself.
package final class HTTPMetrics: Sendable {
  private struct Request: Hashable {
    let method: String
    let route: String
    let code: Int
  }

  private struct State {
    var requests: [Request: UInt64] = [:]
    var durations: [String: Histogram] = [:]
    var refused: [String: UInt64] = ["unauthenticated": 0, "forbidden": 0]
  }

  private static let bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120]
  private static let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"]

  private let state = Mutex(State())
  private let version: String

  package init(version: String) { self.version = version }

  /// - Parameter route: its pattern, so that ids make no metrics; nil where there is none.
  func count(_ method: HTTPRequest.Method, _ route: String?, _ status: HTTPResponse.Status, seconds: Double) {
    let name = Self.methods.contains(method.rawValue) ? method.rawValue : "other"
    let route = route ?? "other"
    state.withLock { state in
      state.requests[Request(method: name, route: route, code: status.code), default: 0] += 1
      state.durations[route, default: Histogram(bounds: Self.bounds)].observe(seconds)
      if let reason = Self.refusal(status) { state.refused[reason, default: 0] += 1 }
    }
  }

  private static func refusal(_ status: HTTPResponse.Status) -> String? {
    switch status {
    case .unauthorized: "unauthenticated"
    case .forbidden: "forbidden"
    case .contentTooLarge: "too-large"
    case .requestTimeout: "timeout"
    case .tooManyRequests, .serviceUnavailable: "busy"
    case .badRequest, .unprocessableContent, .unsupportedMediaType: "malformed"
    default: nil
    }
  }

  func families() -> [MetricFamily] {
    let state = state.withLock { $0 }
    let requests = state.requests.sorted {
      ($0.key.route, $0.key.method, $0.key.code) < ($1.key.route, $1.key.method, $1.key.code)
    }
    return [
      MetricFamily(
        "sonarsweep_http_requests_total", .counter, help: "Requests that were answered.",
        requests.map { request, count in
          .init(["method": request.method, "route": request.route, "code": String(request.code)], Double(count))
        }),
      MetricFamily(
        "sonarsweep_http_request_duration_seconds", .histogram, help: "From a request's head to its answer's head.",
        state.durations.sorted { $0.key < $1.key }.map { .init(["route": $0], $1) }),
      MetricFamily(
        "sonarsweep_http_refused_total", .counter, help: "Requests that were refused.",
        state.refused.sorted { $0.key < $1.key }.map { .init(["reason": $0], Double($1)) }),
      MetricFamily(
        "sonarsweep_build_info", .gauge, help: "The program's version.", [.init(["version": version], 1)]),
    ]
  }
}
