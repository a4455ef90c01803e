/// A figure an analysis asks for: what to show, not how. `Report` draws it; its data is also written as CSV.
public struct Figure: Hashable, Sendable {
  public enum Content: Hashable, Sendable {
    case scatter(ScatterPlot)
    case lines(LinePlot)
    case heatmap(Heatmap)
    case bars(BarPlot)
    case decodes(DecodeTable)
  }

  /// Names its files: letters, digits and dashes, unique within an analysis.
  public let name: String
  public let title: String
  /// A sentence or two: what is seen, of how many.
  public let caption: String
  public let content: Content

  public init(name: String, title: String, caption: String, content: Content) {
    self.name = name
    self.title = title
    self.caption = caption
    self.content = content
  }
}

public struct PlotAxis: Hashable, Sendable {
  public let label: String
  public let isLogarithmic: Bool

  public init(_ label: String, isLogarithmic: Bool = false) {
    self.label = label
    self.isLogarithmic = isLogarithmic
  }
}

/// Points in the plane by series: the pair plot and the position paths.
public struct ScatterPlot: Hashable, Sendable {
  public struct Point: Hashable, Sendable {
    public let x, y: Double
    /// Nil for a point without a name.
    public let label: String?

    public init(x: Double, y: Double, label: String? = nil) {
      (self.x, self.y, self.label) = (x, y, label)
    }
  }

  public struct Series: Hashable, Sendable {
    public let name: String
    public let points: [Point]
    /// Whether a line joins the points in their order.
    public let isPath: Bool

    public init(name: String, points: [Point], isPath: Bool = false) {
      (self.name, self.points, self.isPath) = (name, points, isPath)
    }
  }

  /// A thin grey line between two points that belong together.
  public struct Link: Hashable, Sendable {
    public let from, to: Point

    public init(from: Point, to: Point) { (self.from, self.to) = (from, to) }
  }

  public let x, y: PlotAxis
  public let series: [Series]
  public let links: [Link]
  /// Drawn above all: from a centroid to another.
  public let arrows: [Link]
  /// Whether a unit is as long on x as on y.
  public let hasEqualScales: Bool

  public init(
    x: PlotAxis, y: PlotAxis, series: [Series], links: [Link] = [], arrows: [Link] = [], hasEqualScales: Bool = true
  ) {
    (self.x, self.y, self.series, self.links) = (x, y, series, links)
    (self.arrows, self.hasEqualScales) = (arrows, hasEqualScales)
  }
}

/// A value with its interval at each x, by series.
public struct LinePlot: Hashable, Sendable {
  public struct Point: Hashable, Sendable {
    public let x, y: Double
    /// Nil without an interval.
    public let low, high: Double?

    public init(x: Double, y: Double, low: Double? = nil, high: Double? = nil) {
      (self.x, self.y, self.low, self.high) = (x, y, low, high)
    }
  }

  public struct Series: Hashable, Sendable {
    public let name: String
    public let points: [Point]

    public init(name: String, points: [Point]) { (self.name, self.points) = (name, points) }
  }

  public let x, y: PlotAxis
  public let series: [Series]

  public init(x: PlotAxis, y: PlotAxis, series: [Series]) { (self.x, self.y, self.series) = (x, y, series) }
}

/// A value per row and column; NaN where there is none.
public struct Heatmap: Hashable, Sendable {
  public let rowTitle, columnTitle, valueTitle: String
  public let rows, columns: [String]
  /// [rows][columns].
  public let values: [[Double]]
  /// The ends of the colour scale, as 0 and 1 for rates; nil for those of the values.
  public let range: ClosedRange<Double>?

  public init(
    rowTitle: String, columnTitle: String, valueTitle: String, rows: [String], columns: [String], values: [[Double]],
    range: ClosedRange<Double>? = nil
  ) {
    (self.rowTitle, self.columnTitle, self.valueTitle) = (rowTitle, columnTitle, valueTitle)
    (self.rows, self.columns, self.values, self.range) = (rows, columns, values, range)
  }
}

/// A value with its interval per category.
public struct BarPlot: Hashable, Sendable {
  public struct Bar: Hashable, Sendable {
    public let label: String
    public let value: Double
    public let low, high: Double?

    public init(label: String, value: Double, low: Double? = nil, high: Double? = nil) {
      (self.label, self.value, self.low, self.high) = (label, value, low, high)
    }
  }

  public let categoryTitle: String
  public let value: PlotAxis
  public let bars: [Bar]
  public let range: ClosedRange<Double>?

  public init(categoryTitle: String, value: PlotAxis, bars: [Bar], range: ClosedRange<Double>? = nil) {
    (self.categoryTitle, self.value, self.bars, self.range) = (categoryTitle, value, bars, range)
  }
}

/// Decodes beside what was expected; the report highlights where they differ.
public struct DecodeTable: Hashable, Sendable {
  public struct Row: Hashable, Sendable {
    /// One value per column.
    public let labels: [String]
    /// Nil where nothing was expected.
    public let expected: String?
    public let text: String

    public init(labels: [String], expected: String?, text: String) {
      (self.labels, self.expected, self.text) = (labels, expected, text)
    }
  }

  public let columns: [String]
  public let rows: [Row]

  public init(columns: [String], rows: [Row]) { (self.columns, self.rows) = (columns, rows) }
}
