/// A way to make a vector of the `vectors` section. One form is one file and one line in `VectorForms.all`.
protocol VectorForm: Sendable {
  /// The key it is written under.
  static var name: String { get }
  /// An example, for error messages.
  static var example: String { get }

  /// The vector, or nil after reporting what is wrong.
  ///
  /// - Parameter value: what stands under the key.
  /// - Throws: what is no mistake of the file, as a damaged run.
  static func values(_ value: YAMLValue, in context: JobContext, from sources: VectorSources) throws -> VectorValues?
}

/// The forms there are.
enum VectorForms {
  static let all: [any VectorForm.Type] = [
    FileVector.self, DifferenceVector.self, MeanVector.self, MeanDifferenceVector.self, WeightsVector.self,
  ]

  static var names: String { all.map { $0.name }.joined(separator: ", ") }
}

/// A vector's values, or a table's.
struct VectorValues: Hashable {
  /// [dim], or [rows, dim].
  let values: [Float]
  /// The rows' labels; nil for a single vector.
  let rows: [String]?

  init(_ values: [Float], rows: [String]? = nil) {
    self.values = values
    self.rows = rows
  }
}
