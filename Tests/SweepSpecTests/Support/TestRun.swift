import SweepSpec

/// A run that tests made up: 2 tokens × 2 fillers × 3 positions, whose embeddings say which unit they are of.
struct TestRun: RunEmbeddings {
  let job: Job
  /// Units that are not done.
  var missing: Set<UnitIndex> = []

  init(_ job: Job) { self.job = job }

  static let yaml = """
    name: base
    sweep: {kind: position, language: eng_Latn, tokens: [dog, cat], fillers: [_, the], length: 3}
    """

  /// Element 0 is the unit, element 1 its square, all others 1.
  func embedding(_ unit: UnitIndex) -> [Float] {
    var values = [Float](repeating: missing.contains(unit) ? .nan : 1, count: job.spec.model.dim)
    if !missing.contains(unit) { (values[0], values[1]) = (Float(unit), Float(unit * unit)) }
    return values
  }

  func forEachUnit(_ body: (UnitIndex, UnsafeBufferPointer<Float>) throws -> Void) throws {
    for unit in 0..<job.sweep.unitCount { try embedding(unit).withUnsafeBufferPointer { try body(unit, $0) } }
  }
}

/// The one run there is.
struct TestRuns: RunVectors {
  let run: TestRun

  func run(named name: String) throws -> any RunEmbeddings {
    guard name == "base" else { throw SweepError("no run is named '\(name)'; run that job first") }
    return run
  }
}

/// A probe whose weights name what it was asked.
struct TestFitting: WeightFitting {
  func weightDirection(
    of run: any RunEmbeddings, class name: String, among selection: [String: [String]]
  ) throws -> [Float] {
    guard name == "token" else { throw SweepError("'\(name)' has three values; a direction has two") }
    return [Float](repeating: Float(selection["filler"]?.count ?? 0), count: run.job.spec.model.dim)
  }
}
