import HTTPTypes
import Hummingbird
import HummingbirdCore

/// What keeps pages of other sites, open in a browser on this machine, from using an interface without tokens: neither
/// across sites, nor by a name of their own that they make stand for this machine (DNS rebinding).
package enum OriginRules {
  static func check(_ request: Request) throws {
    try check(
      authority: request.head.authority ?? "", origin: request.headers[.origin],
      site: request.headers[.secFetchSite])
  }

  /// - Parameters:
  ///   - authority: the header `Host`.
  ///   - origin: the header `Origin`, which a browser adds to what a page asks for.
  ///   - site: the header `Sec-Fetch-Site`.
  /// - Throws: `Problem`.
  package static func check(authority: String, origin: String?, site: String?) throws {
    guard isLoopback(authority) else {
      throw Problem(
        .forbidden,
        "this fleet has no tokens, so it answers only to names of this machine, as localhost; the request asks for "
          + "'\(authority.prefix(100))'")
    }
    if let origin {
      let parts = origin.split(separator: "/", omittingEmptySubsequences: false)
      guard parts.count == 3, ["http:", "https:"].contains(parts[0]), parts[1].isEmpty,
        parts[2].lowercased() == authority.lowercased()
      else { throw crossSite }
    }
    // "none" is a page that somebody opened himself.
    if let site, site != "same-origin", site != "none" { throw crossSite }
  }

  private static var crossSite: Problem {
    Problem(.forbidden, "this fleet has no tokens, so it answers no requests that a page of another site makes")
  }

  private static func isLoopback(_ authority: String) -> Bool {
    if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
      let rest = authority[authority.index(after: end)...]
      return HTTPAddress.isLoopback(authority[authority.index(after: authority.startIndex)..<end])
        && (rest.isEmpty || isPort(rest))
    }
    guard let colon = authority.firstIndex(of: ":") else { return HTTPAddress.isLoopback(authority) }
    return HTTPAddress.isLoopback(authority[..<colon]) && isPort(authority[colon...])
  }

  private static func isPort(_ text: Substring) -> Bool { text.first == ":" && UInt16(text.dropFirst()) != nil }
}

extension HTTPField.Name {
  /// A name that is well-formed, so that it can be made.
  static let secFetchSite = Self("Sec-Fetch-Site") ?? .origin
}
