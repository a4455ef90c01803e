import Analysis
import Foundation
import Testing

@testable import Report

@Test func scratch() throws {
  guard let dir = ProcessInfo.processInfo.environment["SCRATCH_REPORT"] else { return }
  let all =
    SampleFigures.all() + [
      SampleFigures.pairs(20000), SampleFigures.paths(12), SampleFigures.success(rows: 100, columns: 150),
      SampleFigures.success(rows: 30, columns: 20), SampleFigures.rates(80),
    ]
  var names = FigureNames()
  let figures = all.map { DrawnFigure($0, name: names.name(analysis: "x", figure: $0.name)) }
  let body: Markup = "<h1>Sample</h1><div class=\"figures\">\(figures.map(FigureElement.html))</div>"
  try FileManager.default.createDirectory(atPath: dir + "/figures", withIntermediateDirectories: true)
  try Page.document(title: "Sample", body: body).write(toFile: dir + "/report.html", atomically: true, encoding: .utf8)
  for f in figures {
    try f.svgFile.write(toFile: dir + "/figures/\(f.name).svg", atomically: true, encoding: .utf8)
    try f.csvFile.write(toFile: dir + "/figures/\(f.name).csv", atomically: true, encoding: .utf8)
  }
}
