/// A kind of sweep: what its YAML says and which axes and probes follow. One kind is one file and one line in
/// `SweepKinds.all`.
public protocol SweepKind: Codable, Sendable {
  /// The word after `kind:`.
  static var name: String { get }
  /// One line for `--help` and error messages.
  static var summary: String { get }

  /// Reads the kind's keys; returns nil after reporting what is wrong with them.
  init?(reading mapping: YAMLMapping, in context: JobContext)

  /// The files the sweep needs, all of them in the context's or job's assets.
  var assets: [AssetReference] { get }
  /// The vectors the sweep uses; their assets are among `assets`.
  var vectors: [VectorReference] { get }
  /// Hidden states every record holds beside the embedding, each [dim].
  var states: [StateKind] { get }
  /// Whether units need a model. A kind without one sets the embeddings' length itself, and decodes nothing.
  static var usesModel: Bool { get }
  /// The length of the embeddings, of a kind that uses no model; else nil.
  var dim: Int? { get }

  /// The axes and the probes, given the assets and what to decode. Checks again what a remote sender may have got wrong.
  func sweep(assets: Assets, decode: DecodeSpec?) throws -> Sweep
}

extension SweepKind {
  public var assets: [AssetReference] { vectors.map(\.asset) }
  public var vectors: [VectorReference] { [] }
  public var states: [StateKind] { [] }
  public static var usesModel: Bool { true }
  public var dim: Int? { nil }
}

/// The kinds there are. The order is that of `--help`.
public enum SweepKinds {
  public static let all: [any SweepKind.Type] = [
    PositionSweep.self,
    CorpusSweep.self,
    LabelledSweep.self,
    ShiftSweep.self,
    AverageShiftSweep.self,
    SubstitutionSweep.self,
    GrowthSweep.self,
    NoiseSweep.self,
    InterpolationSweep.self,
    ScaleSweep.self,
    LengthSweep.self,
    ExpressionSweep.self,
    NullSweep.self,
  ]

  static func kind(named name: String) -> (any SweepKind.Type)? { all.first { $0.name == name } }
}
