/// The vectors and tables an expression uses, by name.
struct LoadedVectors: Sendable {
  private var vectors: [String: NamedVector] = [:]
  private var tables: [String: [String: NamedVector]] = [:]

  /// Throws `SweepError` where an asset is missing or no such vector.
  init(_ references: [VectorReference], from assets: Assets) throws {
    for reference in references {
      if reference.rows == nil {
        vectors[reference.name] = try reference.vector(in: assets)
      } else {
        tables[reference.name] = try reference.table(in: assets)
      }
    }
  }

  func vector(_ name: String) -> NamedVector? { vectors[name] }
  func row(_ label: String, of table: String) -> NamedVector? { tables[table]?[label] }
}
