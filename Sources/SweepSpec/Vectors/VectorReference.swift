/// A vector, or a table of them with a label each, that a job names: where its values lie among the assets.
public struct VectorReference: Hashable, Sendable, Codable {
  public let name: String
  /// A `.npy` file of float32: [dim], or [rows, dim] for a table.
  public let asset: AssetReference
  /// The rows' labels, such as positions; nil for a single vector.
  public let rows: [String]?

  public init(name: String, asset: AssetReference, rows: [String]? = nil) {
    self.name = name
    self.asset = asset
    self.rows = rows
  }

  /// The vector's values. Throws `SweepError` where it is a table, or its asset is missing or no such file.
  public func vector(in assets: Assets) throws -> NamedVector {
    guard rows == nil else { throw SweepError("'\(name)' is a table of vectors; a single one is needed") }
    let array = try NPYArray(assets.content(of: asset))
    guard array.shape.count == 1 else {
      throw SweepError("the vector '\(name)' has the shape \(array.shape), not [dim]")
    }
    return NamedVector(name: name, values: array.values)
  }

  /// The table's vectors, by label. Throws `SweepError` where it is none.
  public func table(in assets: Assets) throws -> [String: NamedVector] {
    guard let rows else { throw SweepError("'\(name)' is a single vector; a table of them is needed") }
    let array = try NPYArray(assets.content(of: asset))
    guard array.shape.count == 2, array.shape[0] == rows.count, Set(rows).count == rows.count else {
      throw SweepError("the vectors '\(name)' have the shape \(array.shape), not [\(rows.count), dim]")
    }
    let dim = array.shape[1]
    return Dictionary(
      uniqueKeysWithValues: rows.enumerated().map { i, label in
        (label, NamedVector(name: "\(name)[\(label)]", values: Array(array.values[i * dim..<(i + 1) * dim])))
      })
  }
}
