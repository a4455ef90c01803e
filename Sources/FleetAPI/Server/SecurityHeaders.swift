import HTTPTypes
import Hummingbird
import HummingbirdCore

/// Headers that every answer carries, unless it has its own.
enum SecurityHeaders {
  /// Of what is no page: nothing in it may load or run, should a browser show it.
  static let inert = "default-src 'none'; frame-ancestors 'none'; sandbox"
  /// Of the dashboard: its own files and the figures it has fetched.
  static let page =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' blob: data:; "
    + "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
  /// Of reports and figures, whose styles are in them.
  static let drawing = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox"

  private static let always: [(String, String)] = [
    ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"), ("X-Frame-Options", "SAMEORIGIN"),
    ("Cross-Origin-Resource-Policy", "same-origin"), ("Content-Security-Policy", inert),
  ]

  static func add(to response: inout Response) {
    for (name, value) in always {
      guard let name = HTTPField.Name(name), response.headers[name] == nil else { continue }
      response.headers[name] = value
    }
  }
}
