import Foundation
import SweepSpec

/// A run's arrays in formats that hold bare arrays. Values pass through in pieces of a few MiB.
public enum ArrayExport {
  /// One array in NumPy's `.npy` format, [axes..., dim]; units that are not done are NaN.
  public static func npy(_ reader: ArrayReader, to file: ExportFile) throws {
    try file.write(NPYArray.header(shape: reader.shape))
    try copy(reader, to: file)
  }

  /// What belongs beside a `.npy` file: its dimensions and their labels, as JSON.
  public static func axes(_ reader: ArrayReader, of job: Job) -> String {
    AxesJSON.text(job, dimensions: [reader.name: reader.dimensions]) + "\n"
  }

  /// Arrays in the safetensors format, with their dimensions and labels as JSON in the metadata's `axes`.
  /// Specification: https://huggingface.co/docs/safetensors/index#format.
  public static func safetensors(_ readers: [ArrayReader], of job: Job, to file: ExportFile) throws {
    let dimensions = Dictionary(readers.map { ($0.name, $0.dimensions) }) { first, _ in first }
    let axes = AxesJSON.text(job, dimensions: dimensions)
    var entries = [("__metadata__", JSONText.object([("axes", JSONText.string(axes))]))]
    var offset = 0
    for reader in readers {
      let size = reader.shape.reduce(4, *)
      entries.append(
        (
          reader.name,
          JSONText.object([
            ("dtype", "\"F32\""), ("shape", JSONText.array(reader.shape.map(String.init))),
            ("data_offsets", "[\(offset),\(offset + size)]"),
          ])
        ))
      offset += size
    }
    var header = Data(JSONText.object(entries).utf8)
    guard header.count < 100_000_000 else {
      throw StoreError(
        .mismatch, "the axes' labels are too long for a safetensors header, which may have 100 MB; export npy instead")
    }
    // The values start at a multiple of 8 bytes.
    header.append(Data(repeating: 0x20, count: (8 - header.count % 8) % 8))
    try withUnsafeBytes(of: UInt64(header.count).littleEndian) { try file.write($0) }
    try file.write(header)
    for reader in readers { try copy(reader, to: file) }
  }

  private static func copy(_ reader: ArrayReader, to file: ExportFile) throws {
    try reader.forEachBlock { _, values in try file.write(UnsafeRawBufferPointer(values)) }
  }
}

extension ArrayReader {
  /// The arrays a job writes, in order.
  public static func names(of job: Job) -> [String] { OutputArray.outputs(of: job.spec).map(\.name) }
}
