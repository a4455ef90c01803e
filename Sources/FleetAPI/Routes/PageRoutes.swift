import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore

/// The dashboard and the interface's description: the same for everybody, so they need no token.
struct PageRoutes: Sendable {
  var routes: [Route] {
    [
      file("/", DashboardFiles.page, "text/html", policy: SecurityHeaders.page),
      file("/dashboard.css", DashboardFiles.style, "text/css"),
      file("/openapi.yaml", OpenAPIDocument.yaml, "application/yaml"),
      file("/openapi.json", Self.openAPI, "application/json"),
    ] + DashboardFiles.scripts.map { file("/\($0.name)", $0.text, "text/javascript") }
  }

  private static var openAPI: [UInt8] { (try? OpenAPIDocument.json(OpenAPIDocument.yaml)) ?? Array("{}".utf8) }

  /// A file that browsers keep, and ask whether it has changed.
  private func file(_ path: String, _ bytes: [UInt8], _ type: String, policy: String = SecurityHeaders.inert) -> Route {
    let tag = "\"" + SHA256.hash(data: bytes).prefix(8).map { String(format: "%02x", $0) }.joined() + "\""
    var headers: HTTPFields = [
      .contentType: type.hasPrefix("text/") ? "\(type); charset=utf-8" : type, .cacheControl: "no-cache", .eTag: tag,
    ]
    headers[.contentSecurityPolicy] = policy
    let (fields, buffer) = (headers, ByteBuffer(bytes: bytes))
    // Any browser or tool may have it, whatever it says it accepts.
    return Route(.get, path, nil, gives: [type]) { request, _ in
      guard request.headers[.ifNoneMatch] != tag else { return Response(status: .notModified, headers: fields) }
      return Response(status: .ok, headers: fields, body: ResponseBody(byteBuffer: buffer))
    }
  }
}
