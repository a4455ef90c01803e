/// The analyses there are. The order is that of `--help`.
public enum Analyses {
  public static let all: [any Analysis.Type] = []
}
