import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore

/// What is known of a request besides what it says.
struct APIContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  /// Whose token it carries; who may do everything where the fleet has none.
  var identity = Identity(name: "", role: .admin)
  /// Looks again whether who asks may, as answers that go on for long do: a token may have been revoked since.
  var admit: @Sendable () throws -> Void = {}
  /// The path's parameters.
  var path: [String: String] = [:]
  /// Who is at the connection's other end: a client, or a proxy.
  let address: String

  init(source: Source) {
    coreContext = CoreRequestContextStorage(source: source)
    address = source.channel.remoteAddress?.ipAddress ?? ""
  }

  /// A parameter of the route's path.
  func parameter(_ name: String, longest: Int = 256) throws -> String {
    guard let value = path[name], value.unicodeScalars.count <= longest, !value.unicodeScalars.contains("\0") else {
      throw Problem(.notFound, "a \(name) has 1 to \(longest) characters")
    }
    return value
  }
}

/// Who asks, and what he may do.
struct Identity: Hashable, Sendable, Encodable {
  let name: String
  let role: TokenRole
}
