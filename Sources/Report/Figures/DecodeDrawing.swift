import Analysis

extension Drawing {
  private static let mostDecodes = 40
  private static let em = 7.4

  /// Decodes one below the other, each under its labels, in a face whose letters are equally wide, so that the words that
  /// differ can be marked behind.
  init(_ table: DecodeTable) {
    let rows = table.rows.prefix(Self.mostDecodes)
    var y = 6.0
    for row in rows {
      let labels = zip(table.columns, row.labels).map { "\($0)=\($1)" }.joined(separator: "  ")
      y += 16
      body += Self.text(
        TextWidth.fitted(labels, size: Self.smallFontSize, within: Self.width - 8), x: 4, y: y, classes: "muted",
        size: Self.smallFontSize)
      if let expected = row.expected {
        let difference = TextDifference(expected: expected, text: row.text)
        y = drawPieces(difference.expected, title: "expected", from: y)
        y = drawPieces(difference.text, title: "decoded", from: y)
      } else {
        y = drawPieces([.init(text: row.text, differs: false)], title: "decoded", from: y)
      }
      y += 6
      body += Self.line(0, y, Self.width, y, classes: "rule")
    }
    height = y + 4
    note(Thinning.note(rows.count, of: table.rows.count, "decodes"))
  }

  /// Breaks lines between words; returns where the last line stands.
  private mutating func drawPieces(_ pieces: [TextDifference.Piece], title: String, from top: Double) -> Double {
    let left = 76.0
    let perLine = Int((Self.width - left - 4) / Self.em)
    var (column, y) = (0, top + Self.lineHeight)
    body += Self.text(title, x: 4, y: y, classes: "muted", size: Self.smallFontSize)
    for piece in pieces {
      for word in Self.words(piece.text, perLine) {
        let length = Int(TextWidth.of(word, size: 1).rounded(.up)) > word.count ? 2 * word.count : word.count
        if column + length > perLine, column > 0 {
          (column, y) = (0, y + Self.lineHeight)
          if word == " " { continue }
        }
        let x = left + Double(column) * Self.em
        let width = Double(length) * Self.em
        if piece.differs {
          body +=
            #"<rect class="differs" x="\#(x)" y="\#(y - 13)" width="\#(width)" height="17"/>"#
            + Self.line(x, y + 3, x + width, y + 3, classes: "arrow")
        }
        if word != " " {
          body +=
            #"<text class="ink" font-family="ui-monospace,'DejaVu Sans Mono',monospace" font-size="12.3" x="\#(x)" y="\#(y)" textLength="\#(width)" lengthAdjust="spacingAndGlyphs">\#(word)</text>"#
            + "\n"
        }
        column += length
      }
    }
    return y
  }

  /// Words and the spaces between them, none longer than a line.
  private static func words(_ text: String, _ longest: Int) -> [String] {
    var words: [String] = []
    var word = ""
    for character in text {
      if character == " " || word.count == longest {
        if !word.isEmpty { words.append(word) }
        word = ""
      }
      if character == " " { words.append(" ") } else { word.append(character) }
    }
    return word.isEmpty ? words : words + [word]
  }
}
