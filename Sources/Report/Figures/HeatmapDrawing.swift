import Analysis
import Foundation

extension Drawing {
  private static let mostCells = 64

  /// A coloured cell per row and column with a colour scale; numbers where they fit.
  init(_ map: Heatmap) {
    let grid = ShownCells(map, most: Self.mostCells)
    note(grid.note)
    let range = map.range ?? bounds(grid.values.joined()) ?? 0...1
    let length = max(range.upperBound - range.lowerBound, 1e-300)
    let names = grid.rows.map { TextWidth.fitted($0, size: Self.smallFontSize, within: 120) }
    let left = 12 + max(24, names.map { TextWidth.of($0, size: Self.smallFontSize) }.max() ?? 0)
    let cell = (Self.width - left - 6) / Double(max(1, grid.columns.count))
    let tall = min(28, max(grid.rows.count > 24 ? 7 : 18, cell))
    let widest = grid.columns.map { TextWidth.of($0, size: Self.smallFontSize) }.max() ?? 0
    let isTurned = widest + 6 > cell && grid.columns.count > 1
    let head = isTurned ? min(widest, 110) + 10 : 20
    body += Self.text(
      TextWidth.fitted("\(map.rowTitle) ↓   \(map.columnTitle) →", size: Self.fontSize, within: Self.width), x: 4, y: 16
    )
    let top = 24 + head
    drawColumnNames(grid.columns, left: left, cell: cell, bottom: top - 6, isTurned: isTurned)
    for (i, values) in grid.values.enumerated() {
      let y = top + tall * Double(i)
      if i % max(1, Int((13 / tall).rounded(.up))) == 0 {
        body += Self.text(
          names[i], x: left - 6, y: y + tall / 2 + 4, anchor: .end, classes: "ink", size: Self.smallFontSize)
      }
      for (j, value) in values.enumerated() {
        drawCell(
          value, share: (value - range.lowerBound) / length, of: length,
          in: Box(left: left + cell * Double(j), top: y, right: left + cell * Double(j + 1), bottom: y + tall),
          title: "\(grid.rows[i]), \(grid.columns[j])")
      }
    }
    height = drawScale(range, title: map.valueTitle, left: left, top: top + tall * Double(grid.rows.count) + 12)
  }

  private mutating func drawColumnNames(_ names: [String], left: Double, cell: Double, bottom: Double, isTurned: Bool) {
    let skip = max(1, Int(((isTurned ? 14 : 1) / cell).rounded(.up)))
    for (j, name) in names.enumerated() where j % skip == 0 {
      let x = left + cell * (Double(j) + 0.5)
      guard isTurned else {
        body += Self.text(name, x: x, y: bottom, anchor: .middle, size: Self.smallFontSize)
        continue
      }
      let text = TextWidth.fitted(name, size: Self.smallFontSize, within: 110)
      body +=
        #"<text class="ink" font-size="\#(Self.smallFontSize)" transform="translate(\#(x + 4) \#(bottom)) rotate(-90)">\#(text)</text>"#
        + "\n"
    }
  }

  private mutating func drawCell(_ value: Double, share: Double, of length: Double, in box: Box, title: String) {
    let place: Markup = #"x="\#(box.left)" y="\#(box.top)" width="\#(box.width)" height="\#(box.height)""#
    guard value.isFinite else {
      body += #"<rect class="absent" \#(place)><title>\#(title): none</title></rect>"# + "\n"
      return
    }
    let shade = Palette.shade(share)
    body += #"<rect fill="\#(shade.colour)" \#(place)><title>\#(title): \#(NumberText.measured(value))</title></rect>"#
    let text = box.width >= 30 && box.height >= 16 ? Self.cellText(value, of: length) : ""
    if !text.isEmpty, TextWidth.of(text, size: 11) < box.width {
      body +=
        #"<text fill="\#(shade.isDark ? "#fff" : "#000")" font-size="11" text-anchor="middle" x="\#((box.left + box.right) / 2)" y="\#((box.top + box.bottom) / 2 + 4)">\#(text)</text>"#
    }
    body += "\n"
  }

  /// As many decimals as tell a hundredth of the colour scale, where they fit a cell.
  private static func cellText(_ value: Double, of length: Double) -> String {
    guard length >= 1e-3, abs(value) < 1e5 else { return NumberText.scientific(value, digits: 2) }
    let decimals = max(0, 2 - Int(floor(log10(length) + 1e-9)))
    let text = String(format: "%.*f", decimals, value)
    return text.allSatisfy({ "-0.".contains($0) }) ? "0" : text.replacing("-", with: "−")
  }

  /// The colour scale below a heat map; returns where it ends.
  private mutating func drawScale(_ range: ClosedRange<Double>, title: String, left: Double, top: Double) -> Double {
    let (width, steps) = (160.0, 32)
    for i in 0..<steps {
      let shade = Palette.shade(Double(i) / Double(steps - 1)).colour
      let x = left + width * Double(i) / Double(steps)
      body += #"<rect fill="\#(shade)" x="\#(x)" y="\#(top)" width="\#(width / Double(steps) + 0.5)" height="10"/>"#
    }
    let (low, high) = (NumberText.measured(range.lowerBound), NumberText.measured(range.upperBound))
    body += "\n" + Self.text(low, x: left, y: top + 24, classes: "muted", size: Self.smallFontSize)
    body += Self.text(high, x: left + width, y: top + 24, anchor: .end, classes: "muted", size: Self.smallFontSize)
    let room = Self.width - left - width - 14
    if TextWidth.of(title, size: Self.fontSize) <= room {
      body += Self.text(title, x: left + width + 10, y: top + 10)
      return top + 30
    }
    body += Self.text(TextWidth.fitted(title, size: Self.fontSize, within: Self.width - left), x: left, y: top + 42)
    return top + 50
  }
}

/// The cells a heat map has room for. Of a larger one, means of neighbouring cells.
private struct ShownCells {
  let rows: [String]
  let columns: [String]
  let values: [[Double]]
  let note: String?

  init(_ map: Heatmap, most: Int) {
    let (tall, wide) = (Self.block(map.rows.count, most), Self.block(map.columns.count, most))
    guard tall > 1 || wide > 1 else {
      (rows, columns, values, note) = (map.rows, map.columns, map.values, nil)
      return
    }
    rows = Self.names(map.rows, by: tall)
    columns = Self.names(map.columns, by: wide)
    let height = map.rows.count
    let columns = columns
    values = rows.indices.map { i in
      let lines = map.values[i * tall..<min((i + 1) * tall, height)]
      return columns.indices.map { j in
        let known = lines.flatMap { $0[j * wide..<min((j + 1) * wide, $0.count)] }.filter(\.isFinite)
        return known.isEmpty ? .nan : known.reduce(0, +) / Double(known.count)
      }
    }
    note =
      "\(NumberText.grouped(map.rows.count)) × \(NumberText.grouped(map.columns.count)) values: each cell is the mean of "
      + "up to \(tall) × \(wide) neighbours; the CSV file has all."
  }

  private static func block(_ count: Int, _ most: Int) -> Int { max(1, (count + most - 1) / most) }

  private static func names(_ names: [String], by block: Int) -> [String] {
    guard block > 1 else { return names }
    return stride(from: 0, to: names.count, by: block).map { start in
      let last = min(start + block, names.count) - 1
      return last == start ? names[start] : "\(names[start])…\(names[last])"
    }
  }
}
