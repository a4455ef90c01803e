import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOSSL

/// What goes wrong before an answer, in sentences.
enum TransportErrors {
  static func describe(_ error: any Error, coordinator: String) -> any Error {
    switch error {
    case is FleetClientError, is CancellationError: return error
    case let error as HTTPClientError where error == .cancelled: return CancellationError()
    case let error as HTTPClientError: return describe(error, coordinator)
    case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError: return tls(error, coordinator)
    case let error as HTTPParserError:
      guard error != .invalidEOFState else { return ended(coordinator) }
      return FleetClientError(
        .unexpectedAnswer, "what listens at \(coordinator) does not speak HTTP; clients use the URL of --http")
    case is NIOTooManyBytesError:
      return FleetClientError(.unexpectedAnswer, "\(coordinator) answered with more than an answer may have")
    default: return noAnswer("\(error)", coordinator)
    }
  }

  private static func describe(_ error: HTTPClientError, _ coordinator: String) -> FleetClientError {
    switch error {
    case .connectTimeout, .deadlineExceeded, .readTimeout, .writeTimeout, .getConnectionFromPoolTimeout:
      return FleetClientError(
        .timedOut,
        "\(coordinator) does not answer in time; the machine or the way to it may be down, or a firewall shut")
    case .tlsHandshakeTimeout: return tls(error, coordinator)
    case .remoteConnectionClosed:
      return ended(coordinator)
    case .invalidURL, .emptyHost, .emptyScheme:
      return FleetClientError(.configuration, "'\(coordinator)' is no URL; write it as http://127.0.0.1:5780")
    default: return noAnswer(error.shortDescription, coordinator)
    }
  }

  private static func ended(_ coordinator: String) -> FleetClientError {
    let hint = coordinator.hasPrefix("http:") ? ", or it speaks https" : ""
    return FleetClientError(.noAnswer, "\(coordinator) ended the connection; it may be starting again\(hint)")
  }

  private static func noAnswer(_ reason: String, _ coordinator: String) -> FleetClientError {
    let known = [
      ("refused", "nothing listens there"), ("DNS", "there is no such host"), ("unreachable", "there is no way to it"),
    ]
    let words = known.first { reason.contains($0.0) }?.1 ?? reason
    return FleetClientError(
      .noAnswer,
      "no answer from \(coordinator): \(words). Is the coordinator running ('sonarsweep serve') and the URL its HTTP one?"
    )
  }

  private static func tls(_ error: any Error, _ coordinator: String) -> FleetClientError {
    let text = "\(error)"
    let reason: String
    if text.contains("CERTIFICATE_VERIFY_FAILED") || text.contains("certificate verify") {
      reason =
        "its certificate is not signed by anyone this machine trusts; name the signer's certificate by --ca-file FILE"
    } else if text.contains("failedToValidateHostname") || text.contains("serverHostname") {
      reason = "its certificate is for another host; use the name that stands in it"
    } else if text.contains("WRONG_VERSION_NUMBER") || text.contains("HTTP_REQUEST") {
      reason = "it does not speak TLS there; write http:// if it is a coordinator on this machine"
    } else {
      reason = text
    }
    return FleetClientError(.tls, "no secure connection to \(coordinator): \(reason)")
  }
}
