/// A `.npy` file beside the job: `{file: direction.npy}`, or with the rows' labels
/// `{file: {path: table.npy, rows: [0, 1, 2]}}`; without them they count from 0.
enum FileVector: VectorForm {
  static let name = "file"
  static let example = "{file: direction.npy}"

  static func values(_ value: YAMLValue, in context: JobContext, from sources: VectorSources) throws -> VectorValues? {
    guard value.isMapping else { return try read(value, rows: nil, in: context) }
    return try value.mapping { mapping in
      let path = mapping.required("path", "the .npy file, relative to the job's")
      let rows = mapping.optional("rows")
      let labels = rows?.distinctList { $0.word() }
      guard let path, rows == nil || labels != nil else { return nil }
      return try read(path, rows: rows.flatMap { value in labels.map { (value, $0) } }, in: context)
    }
  }

  private static func read(
    _ path: YAMLValue, rows: (value: YAMLValue, labels: [String])?, in context: JobContext
  ) throws -> VectorValues? {
    guard let content = context.content(of: path) else { return nil }
    let array: NPYArray
    do {
      array = try NPYArray(content)
    } catch let error as SweepError {
      path.report("\(error)")
      return nil
    }
    switch array.shape.count {
    case 1:
      rows?.value.report("'\(path.text)' is a single vector and has no rows; leave this out")
      return rows == nil ? VectorValues(array.values) : nil
    case 2 where array.shape[0] > 0:
      let labels = rows?.labels ?? (0..<array.shape[0]).map(String.init)
      guard labels.count == array.shape[0] else {
        rows?.value.report("there are \(labels.count) labels for the \(array.shape[0]) rows of '\(path.text)'")
        return nil
      }
      return VectorValues(array.values, rows: labels)
    default:
      path.report("'\(path.text)' has the shape \(array.shape); a vector is [dim], a table of them [rows, dim]")
      return nil
    }
  }
}
