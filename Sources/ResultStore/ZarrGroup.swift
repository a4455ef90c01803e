import Foundation
import SonarModel
import SweepSpec

/// The metadata and coordinate arrays of a run's Zarr v3 group, so that `xarray.open_zarr` gives a labelled dataset.
/// Specification: https://zarr-specs.readthedocs.io/en/latest/v3/core/index.html.
struct ZarrGroup {
  private let root: String
  private let job: Job
  private let outputs: [OutputArray]

  /// Axes with more values have no coordinate array, whatever their labels: a reader counts from 0. The catalogue has the
  /// first value of an axis of consecutive integers, which alone can be so long.
  private static let longestCoordinate = 1 << 24

  init(root: String, job: Job, outputs: [OutputArray]) {
    self.root = root
    self.job = job
    self.outputs = outputs
  }

  static func grid(of output: OutputArray, in sweep: Sweep) -> ChunkGrid {
    ChunkGrid(shape: sweep.axes.map(\.count), unitBytes: 4 * output.unitSize)
  }

  /// Writes everything but the units' chunks, where it is missing or not as it should be.
  func write() throws {
    for (name, content) in try files() {
      let path = "\(root)/\(name)"
      try DurableFile.makeDirectory((path as NSString).deletingLastPathComponent)
      try DurableFile.ensure(content, at: path)
    }
  }

  /// Whether everything but the units' chunks is as it should be.
  func isSound() throws -> Bool {
    try files().allSatisfy { name, content in
      try DurableFile.read("\(root)/\(name)", upTo: content.count + 1)?.elementsEqual(content) == true
    }
  }

  /// Contents by path below the group; the group's own metadata last.
  private func files() throws -> [(name: String, content: Data)] {
    var files: [(name: String, content: Data)] = []
    var arrays: [String: [String: Any]] = [:]
    for output in outputs { arrays[output.name] = metadata(of: output) }
    var axes = job.sweep.axes
    if let decode = job.spec.decode {
      axes.append(Axis(OutputArray.targetDimension, .strings(decode.languages.map(\.rawValue))))
    }
    for axis in axes where axis.count <= Self.longestCoordinate {
      let labels = [(axis.name, axis.values)] + axis.attributes.map { ($0.name, $0.values) }
      for (name, values) in labels {
        arrays[name] = coordinateMetadata(of: values, along: axis.name)
        files.append(("\(name)/c/0", coordinateChunk(of: values)))
      }
    }
    for (name, metadata) in arrays { files.append(("\(name)/zarr.json", try json(metadata))) }
    files.sort { $0.name < $1.name }
    let attributes: [String: Any] = [
      "job": job.id.rawValue, "model": job.spec.model.name, "model_fingerprint": job.spec.model.fingerprint.rawValue,
      "precision": job.spec.model.precisionName,
    ]
    let consolidated: [String: Any] = ["kind": "inline", "must_understand": false, "metadata": arrays]
    let group: [String: Any] = [
      "zarr_format": 3, "node_type": "group", "attributes": attributes, "consolidated_metadata": consolidated,
    ]
    files.append(("zarr.json", try json(group)))
    return files
  }

  private func metadata(of output: OutputArray) -> [String: Any] {
    let grid = Self.grid(of: output, in: job.sweep)
    var attributes = ["description": output.summary]
    let labels = job.sweep.axes.filter { $0.count <= Self.longestCoordinate }.flatMap(\.attributes).map(\.name)
    // CF's convention, by which xarray knows coordinates that are no dimension's own.
    if !labels.isEmpty { attributes["coordinates"] = labels.joined(separator: " ") }
    return array(
      shape: grid.shape + output.tail.map(\.size), chunks: grid.chunkShape + output.tail.map(\.size),
      dataType: "float32", fill: "NaN", codec: Self.littleEndian,
      dimensions: job.sweep.axes.map(\.name) + output.tail.map(\.name), attributes: attributes)
  }

  private func coordinateMetadata(of values: Axis.Values, along dimension: String) -> [String: Any] {
    let (dataType, fill, codec): (String, Any, [String: Any]) =
      switch values {
      case .strings: ("string", "", ["name": "vlen-utf8"])
      case .numbers: ("float64", "NaN", Self.littleEndian)
      case .integers, .range: ("int64", 0, Self.littleEndian)
      }
    return array(
      shape: [values.count], chunks: [values.count], dataType: dataType, fill: fill, codec: codec,
      dimensions: [dimension])
  }

  private static var littleEndian: [String: Any] { ["name": "bytes", "configuration": ["endian": "little"]] }

  private func array(
    shape: [Int], chunks: [Int], dataType: String, fill: Any, codec: [String: Any], dimensions: [String],
    attributes: [String: Any] = [:]
  ) -> [String: Any] {
    [
      "zarr_format": 3, "node_type": "array", "shape": shape, "data_type": dataType,
      "chunk_grid": ["name": "regular", "configuration": ["chunk_shape": chunks]],
      "chunk_key_encoding": ["name": "default", "configuration": ["separator": "/"]],
      "fill_value": fill, "codecs": [codec], "attributes": attributes, "dimension_names": dimensions,
      "storage_transformers": [Any](),
    ]
  }

  /// Strings as the `vlen-utf8` codec lays them out (a count, then length and bytes of each, 32-bit little-endian);
  /// integers as little-endian int64, other numbers as float64.
  private func coordinateChunk(of values: Axis.Values) -> Data {
    func append(_ value: some FixedWidthInteger, to data: inout Data) {
      withUnsafeBytes(of: value.littleEndian) { data.append(contentsOf: $0) }
    }
    var data = Data()
    switch values {
    case .strings(let values):
      append(UInt32(values.count), to: &data)
      for value in values {
        append(UInt32(value.utf8.count), to: &data)
        data.append(contentsOf: value.utf8)
      }
    case .integers(let values): for value in values { append(Int64(value), to: &data) }
    case .numbers(let values): for value in values { append(value.bitPattern, to: &data) }
    case .range(let start, let count): for value in start..<start + count { append(Int64(value), to: &data) }
    }
    return data
  }

  private func json(_ object: [String: Any]) throws -> Data {
    try JSONSerialization.data(
      withJSONObject: object, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
  }
}
