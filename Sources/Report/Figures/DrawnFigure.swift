import Analysis

/// A figure as it is shown: an SVG file, a CSV file, and what a page puts in its text.
///
/// Figures are drawn by our own small SVG writer rather than by gnuplot, with which it was compared: their colours are
/// classes that follow the page's light and dark, their text keeps a size that a phone can show and stays text, marks say
/// what they are under a pointer and to a screen reader, and a run needs no further program.
public struct DrawnFigure {
  /// Of the files, without their endings.
  public let name: String
  public let figure: Figure
  private let drawing: Drawing

  /// - Parameter name: letters, digits and dashes; unique in the report.
  public init(_ figure: Figure, name: String) {
    self.name = name
    self.figure = figure
    drawing =
      switch figure.content {
      case .scatter(let plot): Drawing(plot)
      case .lines(let plot): Drawing(plot)
      case .heatmap(let map): Drawing(map)
      case .bars(let plot): Drawing(plot)
      case .decodes(let table): Drawing(table)
      }
  }

  /// A document of its own, which changes with light and dark.
  public var svgFile: String {
    #"<?xml version="1.0" encoding="UTF-8"?>"# + "\n"
      + drawing.svg(id: name, title: figure.title, description: caption, rules: Palette.fileRules).text + "\n"
  }

  public var csvFile: String { FigureCSV.text(of: figure.content) }

  /// With a note of what is not drawn.
  public var caption: String { ([figure.caption] + drawing.notes).joined(separator: " ") }

  /// The element a page holds.
  var inline: Markup { drawing.svg(id: name, title: figure.title, description: caption) }
}
