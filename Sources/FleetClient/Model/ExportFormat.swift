/// The forms results can be fetched in.
public enum ExportFormat: String, Sendable, CaseIterable {
  case csv, jsonl, npy, safetensors
}
