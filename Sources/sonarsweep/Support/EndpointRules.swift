import ArgumentParser
import Messaging

/// Which endpoints a process may use, with keys and without.
enum EndpointRules {
  /// Throws unless the endpoint stays on this machine, or only those with a key can use it.
  static func checkBind(_ text: String, hasKeys: Bool) throws {
    let endpoint = try parse(text)
    guard endpoint.host != "localhost" else {
      throw ValidationError("\(text): ZeroMQ binds to addresses, not to names; write tcp://127.0.0.1:\(endpoint.port)")
    }
    guard hasKeys || endpoint.reach == .machine else {
      throw ValidationError(
        """
        \(text) is open to other machines, so the fleet needs keys:
          sonarsweep keys init keys                  once
          sonarsweep keys add NAME --keys keys       for each worker, then give it keys/NAME.key
        and this command '--keys keys'. Or bind to tcp://127.0.0.1:PORT or ipc:///PATH, and reach it through an ssh tunnel
        """)
    }
  }

  /// Throws where workers would not learn from an aggregator's endpoint where to connect.
  static func checkAdvertised(_ advertised: String?, bind text: String) throws {
    guard let advertised else {
      guard try parse(text).reach != .everywhere else {
        throw ValidationError(
          "\(text) is every address of this machine, and workers must be told one that they reach: add "
            + "--advertise tcp://HOST:\(try parse(text).port), HOST being this machine's name or address")
      }
      return
    }
    guard try parse(advertised).reach != .everywhere else {
      throw ValidationError(
        "--advertise \(advertised): workers cannot connect to that; name this machine, as tcp://HOST:PORT")
    }
  }

  /// Throws where a process would talk to another machine without a key.
  static func checkConnect(_ text: String, hasKey: Bool, option: String) throws {
    let endpoint = try parse(text)
    guard endpoint.reach != .everywhere, endpoint.port != "*" else {
      throw ValidationError("\(text) is no place to connect to; name a host and a port, as tcp://HOST:5700")
    }
    guard hasKey || endpoint.reach == .machine else {
      throw ValidationError(
        "\(text) is on another machine, and nothing is said there without a key: add \(option), from whoever runs the "
          + "fleet ('sonarsweep keys add --help')")
    }
  }

  private static func parse(_ text: String) throws -> Endpoint {
    guard let endpoint = Endpoint(text) else {
      throw ValidationError("'\(text)' is no endpoint; it is written tcp://127.0.0.1:PORT or ipc:///PATH")
    }
    return endpoint
  }
}
