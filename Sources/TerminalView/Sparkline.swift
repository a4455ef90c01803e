/// Numbers as a row of small bars.
package enum Sparkline {
  private static let bars = Array("▁▂▃▄▅▆▇█")

  /// The last values, one a character; where there are more, each character is the mean of several.
  ///
  /// - Parameters:
  ///   - values: not negative.
  ///   - width: the most characters.
  package static func text(_ values: [Double], width: Int) -> String {
    guard width > 0, !values.isEmpty else { return "" }
    let size = (values.count + width - 1) / width
    let means = stride(from: values.count % size, through: values.count - size, by: size).map { start in
      values[start..<(start + size)].reduce(0, +) / Double(size)
    }
    guard let most = means.max(), most > 0 else { return String(repeating: bars[0], count: means.count) }
    return String(means.map { bars[min(bars.count - 1, Int(max(0, $0) / most * Double(bars.count - 1) + 0.5))] })
  }
}
