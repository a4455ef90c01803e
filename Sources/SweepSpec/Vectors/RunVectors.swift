import SonarModel

/// Other runs, as vectors are made of them.
public protocol RunVectors {
  /// The run of this name: its id, or what it starts with. Throws `SweepError`, with what to do, where there is no such
  /// run, several fit, or it is not finished.
  func run(named name: String) throws -> any RunEmbeddings
}

/// A run's embeddings.
public protocol RunEmbeddings {
  var job: Job { get }
  /// Whether the run is only planned: everything is known of it but its embeddings, which are taken for zero.
  var isPlanned: Bool { get }

  /// Calls `body` for every unit in order, with its embedding, [dim], NaN where the unit is not done.
  func forEachUnit(_ body: (UnitIndex, UnsafeBufferPointer<Float>) throws -> Void) throws
}

extension RunEmbeddings {
  public var isPlanned: Bool { false }
}

/// A run that is yet to come, for checking the jobs that need it.
public struct PlannedRun: RunEmbeddings {
  public let job: Job

  public init(_ job: Job) { self.job = job }

  public var isPlanned: Bool { true }

  public func forEachUnit(_ body: (UnitIndex, UnsafeBufferPointer<Float>) throws -> Void) throws {}
}

/// Fits a linear probe to a run; what can do that is handed in from above.
public protocol WeightFitting {
  /// The direction of a probe that tells the two values of a class, from the first to the second, [dim].
  ///
  /// - Parameters:
  ///   - name: an axis or attribute of the run.
  ///   - selection: the labels to look at, by axis or attribute.
  /// - Throws: `SweepError` where the run does not have two such classes.
  func weightDirection(
    of run: any RunEmbeddings, class name: String, among selection: [String: [String]]
  ) throws -> [Float]
}
