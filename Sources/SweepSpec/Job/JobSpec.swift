import SonarModel
import TensorKernels

/// A job in normal form: all a coordinator, worker or aggregator needs but the assets' contents. Its canonical form is
/// JSON with sorted keys.
public struct JobSpec: Codable, Sendable {
  public struct Model: Codable, Hashable, Sendable {
    public let name: String
    /// Of the model's files and the precision.
    public let fingerprint: ModelFingerprint
    /// Nil for a sweep without a model.
    public let precision: Precision?
    /// The length of an embedding.
    public let dim: Int

    public init(name: String, fingerprint: ModelFingerprint, precision: Precision?, dim: Int) {
      self.name = name
      self.fingerprint = fingerprint
      self.precision = precision
      self.dim = dim
    }

    /// `none` for a sweep without a model.
    public var precisionName: String { precision?.rawValue ?? "none" }
  }

  /// The version of the specification this was written for.
  public let version: Int
  public let name: String
  public let model: Model
  public let sweep: AnySweepKind
  public let decode: DecodeSpec?
  /// Whether sequences beyond the encoder's limit are cut (dropping `</s>`, as the reference does) or fail.
  public let truncate: Bool

  static let currentVersion = 1

  package init(
    version: Int, name: String, model: Model, sweep: AnySweepKind, decode: DecodeSpec?, truncate: Bool
  ) {
    self.version = version
    self.name = name
    self.model = model
    self.sweep = sweep
    self.decode = decode
    self.truncate = truncate
  }
}
