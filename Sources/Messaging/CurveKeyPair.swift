import CZeroMQ

/// A CURVE key pair: who a process is.
public struct CurveKeyPair: Sendable {
  public let publicKey: CurvePublicKey
  public let secretKey: CurveSecretKey

  /// The pair of a secret key; its public half follows from it.
  public init(secretKey: CurveSecretKey) throws {
    var text = [CChar](repeating: 0, count: Z85.keyCharacters + 1)
    guard zmq_curve_public(&text, secretKey.z85) == 0, let publicKey = CurvePublicKey(rawValue: Z85.string(text)) else {
      throw MessagingError.last("derive a public key")
    }
    self.publicKey = publicKey
    self.secretKey = secretKey
  }

  /// A fresh pair from the system's random source.
  ///
  /// - Throws: `MessagingError` where libzmq was built without CURVE.
  public static func generate() throws -> CurveKeyPair {
    var (open, secret) = (
      [CChar](repeating: 0, count: Z85.keyCharacters + 1), [CChar](repeating: 0, count: Z85.keyCharacters + 1)
    )
    guard zmq_curve_keypair(&open, &secret) == 0, let key = CurveSecretKey(z85: Z85.string(secret)) else {
      throw MessagingError.last("make a key pair")
    }
    return try CurveKeyPair(secretKey: key)
  }
}
