import CZeroMQ

extension Socket {
  /// Makes this socket a CURVE server, before it is bound. Only peers that hold a key pair and know the public half of
  /// `secret` can connect, and only those that the context's `ZAPHandler` admits.
  ///
  /// libzmq admits every key while there is no handler, so make that first.
  ///
  /// - Parameter domain: what the handler is told, to tell sockets apart.
  public func serveCurve(_ secret: CurveSecretKey, domain: String) throws {
    try set(ZMQ_CURVE_SERVER, Int32(1))
    try set(ZMQ_CURVE_SECRETKEY, secret.z85)
    try set(ZMQ_ZAP_DOMAIN, domain)
  }

  /// Makes this socket a CURVE client, before it connects: it shows `pair`, and talks to nobody but the holder of
  /// `server`'s secret.
  public func useCurve(_ pair: CurveKeyPair, server: CurvePublicKey) throws {
    try set(ZMQ_CURVE_SERVERKEY, server.rawValue)
    try set(ZMQ_CURVE_PUBLICKEY, pair.publicKey.rawValue)
    try set(ZMQ_CURVE_SECRETKEY, pair.secretKey.z85)
  }

  private func set(_ option: Int32, _ text: String) throws {
    guard zmq_setsockopt(handle, option, text, text.utf8.count) == 0 else {
      throw MessagingError.last("set socket option \(option)")
    }
  }
}
