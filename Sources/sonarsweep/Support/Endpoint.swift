import ArgumentParser

/// Endpoints a process may listen on.
enum Endpoint {
  /// Throws unless the endpoint stays on this machine: there is no authentication yet.
  static func check(_ endpoint: String) throws {
    guard endpoint.hasPrefix("tcp://") || endpoint.hasPrefix("ipc://") else {
      throw ValidationError("'\(endpoint)' is no endpoint; it is written tcp://127.0.0.1:PORT or ipc:///PATH")
    }
    let loopback = ["tcp://127.", "tcp://localhost:", "tcp://[::1]:", "ipc://"]
    guard loopback.contains(where: endpoint.hasPrefix) else {
      throw ValidationError(
        "\(endpoint) is open to other machines, and this version cannot authenticate them yet; bind to "
          + "tcp://127.0.0.1:PORT or ipc:///PATH, and reach it through an ssh tunnel")
    }
  }
}
