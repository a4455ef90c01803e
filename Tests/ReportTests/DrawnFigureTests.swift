import Analysis
import Foundation
import FoundationXML
import Report
import Testing

@Suite("Figures as files")
struct DrawnFigureTests {
  @Test("every kind of figure is well-formed XML that fetches nothing", arguments: SampleFigures.all().map(\.name))
  func wellFormed(name: String) throws {
    let figure = try #require(SampleFigures.all().first { $0.name == name })
    let text = DrawnFigure(figure, name: "f").svgFile
    let parser = XMLParser(data: Data(text.utf8))
    let elements = Elements()
    parser.delegate = elements
    #expect(parser.parse(), "\(parser.parserError.map { "\($0)" } ?? "")")
    #expect(elements.names.isDisjoint(with: ["script", "image", "foreignObject", "use", "a"]))
    #expect(elements.text(of: "title").first == figure.title)
    #expect(!text.contains("url(") && !text.contains("@import") && !text.contains("href"))
  }

  @Test("text of the data is escaped, and characters XML does not know are replaced")
  func escaped() {
    let text = DrawnFigure(SampleFigures.decodes(), name: "f").svgFile
    #expect(!text.contains("<script"))
    #expect(!text.contains("\0"))
    #expect(text.contains("&lt;script&gt;"))
  }

  @Test("a figure of a hundred thousand points stays small, says so, and its CSV has all of them")
  func bounded() {
    let drawn = DrawnFigure(SampleFigures.pairs(50_000), name: "f")
    #expect(drawn.svgFile.utf8.count < 600_000)
    #expect(drawn.caption.contains("4,000 of 100,000 points"))
    #expect(drawn.caption.contains("2,000 of 50,000 pair lines"))
    #expect(drawn.csvFile.split(separator: "\n").count == 1 + 100_000 + 50_000 + 1)
  }

  @Test("a large heat map shows means of neighbours and says so")
  func largeHeatmap() {
    let drawn = DrawnFigure(SampleFigures.success(rows: 300, columns: 200), name: "f")
    #expect(drawn.svgFile.utf8.count < 800_000)
    #expect(drawn.caption.contains("mean of up to 5 × 4 neighbours"))
    #expect(drawn.csvFile.split(separator: "\n").count == 1 + 300 * 200)
  }

  @Test("points without a place on the axes are left out, and counted")
  func noPlace() {
    let points = [(1.0, 1.0), (.nan, 2), (3, .infinity), (0, 5)].map { ScatterPlot.Point(x: $0.0, y: $0.1) }
    let plot = ScatterPlot(
      x: PlotAxis("x", isLogarithmic: true), y: PlotAxis("y"), series: [.init(name: "s", points: points)])
    let figure = Figure(name: "f", title: "t", caption: "c.", content: .scatter(plot))
    let drawn = DrawnFigure(figure, name: "f")
    #expect(drawn.caption.contains("3 points have no place"))
    #expect(!drawn.svgFile.contains("nan") && !drawn.svgFile.contains("inf"))
  }

  @Test("figures of nothing are drawn too", arguments: Self.empty)
  func nothing(content: Figure.Content) {
    let drawn = DrawnFigure(Figure(name: "f", title: "t", caption: "c.", content: content), name: "f")
    #expect(XMLParser(data: Data(drawn.svgFile.utf8)).parse())
  }

  private static let empty: [Figure.Content] = [
    .scatter(ScatterPlot(x: PlotAxis("x"), y: PlotAxis("y"), series: [])),
    .scatter(ScatterPlot(x: PlotAxis("x"), y: PlotAxis("y"), series: [.init(name: "", points: [.init(x: 1, y: 1)])])),
    .lines(LinePlot(x: PlotAxis("x"), y: PlotAxis("y"), series: [.init(name: "s", points: [])])),
    .heatmap(Heatmap(rowTitle: "r", columnTitle: "c", valueTitle: "v", rows: [], columns: [], values: [])),
    .heatmap(Heatmap(rowTitle: "r", columnTitle: "c", valueTitle: "v", rows: ["a"], columns: ["b"], values: [[.nan]])),
    .bars(BarPlot(categoryTitle: "c", value: PlotAxis("v"), bars: [])),
    .bars(BarPlot(categoryTitle: "c", value: PlotAxis("v"), bars: [.init(label: "a", value: 0)])),
    .decodes(DecodeTable(columns: [], rows: [])),
  ]

  @Test("CSV quotes what has commas, quotes or line ends")
  func quoting() {
    let table = DecodeTable(
      columns: ["a,b"], rows: [.init(labels: ["say \"x\""], expected: nil, text: "two\nlines")])
    let figure = Figure(name: "f", title: "t", caption: "c", content: .decodes(table))
    #expect(
      DrawnFigure(figure, name: "f").csvFile
        == "\"a,b\",expected,decoded\n\"say \"\"x\"\"\",,\"two\nlines\"\n")
  }
}

private final class Elements: NSObject, XMLParserDelegate {
  private(set) var names: Set<String> = []
  private var texts: [(name: String, text: String)] = []
  /// Where the texts of the elements that are open stand, the innermost last.
  private var open: [Int] = []

  func text(of name: String) -> [String] { texts.filter { $0.name == name }.map(\.text) }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    names.insert(name)
    open.append(texts.count)
    texts.append((name, ""))
  }

  func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
    open.removeLast()
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) {
    if let innermost = open.last { texts[innermost].text += string }
  }
}
