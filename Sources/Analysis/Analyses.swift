import SweepSpec

/// The analyses there are. The order is that of `--help`, of the findings and of the report.
public enum Analyses {
  public static let all: [any Analysis.Type] = [
    Success.self, Decodes.self, PCA.self, Path.self, Pairs.self, Centroids.self, Logistic.self, Dimensions.self,
    Neighbours.self,
  ]

  public static func analysis(named name: String) -> (any Analysis.Type)? { all.first { $0.name == name } }

  /// What is worth asking of a job that names no analyses.
  public static func suggested(for job: Job) -> [any Analysis] {
    all.flatMap { $0.suggested(for: job) as [any Analysis] }
  }
}
