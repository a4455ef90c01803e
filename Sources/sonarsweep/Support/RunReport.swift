import Analysis
import ArgumentParser
import Foundation
import Report
import ResultStore
import SweepSpec

/// A run's findings, figures and report: analyses, then `figures/NAME.svg` and `.csv`, then `report.html`.
enum RunReport {
  /// What was made.
  struct Outcome {
    let file: URL
    let findings: Int
    let figures: Int
    /// Analyses that could not be done, with the reason.
    let problems: [(analysis: String, reason: String)]
  }

  private static let mostFailures = 50

  /// Does the analyses and writes all of it; the report last, so that what it links to is there.
  ///
  /// - Parameters:
  ///   - directory: of the run.
  ///   - analyses: what the job's file names; nil for what suits the job.
  ///   - target: where to write instead, with `findings.json`; the run is left as it is.
  /// - Throws: `StoreError` where the run cannot be read or the files not written. An analysis that fails costs only
  ///   itself.
  static func make(of directory: URL, analyses: [any AnalysisSpec]?, into target: URL? = nil) throws -> Outcome {
    let answers = try RunAnalyses.analyse(directory, analyses, storing: target == nil)
    let reader = try ResultReader(directory)
    var names = FigureNames()
    let sections = answers.map { answer in
      RunReportPage.Section(
        analysis: answer.name, summary: answer.summary, findings: answer.result.findings,
        figures: answer.result.figures.map { figure in
          DrawnFigure(figure, name: names.name(analysis: answer.name, figure: figure.name))
        }, problem: answer.problem)
    }
    let page = RunReportPage(
      try reader.summary(), job: try reader.job(), failures: try reader.failures(limit: mostFailures),
      sections: sections, version: SonarSweep.programVersion)
    if let target {
      try TextFile.write(
        Output.jsonText(RunAnalyses.findings(of: answers)), to: target.appending(path: "findings.json"))
    }
    let target = target ?? directory
    try writeFigures(sections.flatMap(\.figures), findings: page.findingsCSV, in: target.appending(path: "figures"))
    let file = target.appending(path: "report.html")
    try TextFile.write(page.html(), to: file)
    return Outcome(
      file: file, findings: sections.reduce(0) { $0 + $1.findings.count },
      figures: sections.reduce(0) { $0 + $1.figures.count },
      problems: answers.compactMap { answer in answer.problem.map { (answer.name, $0) } })
  }

  private static func writeFigures(_ figures: [DrawnFigure], findings: String, in directory: URL) throws {
    var written: Set<String> = ["findings.csv"]
    try TextFile.write(findings, to: directory.appending(path: "findings.csv"))
    for figure in figures {
      for (ending, text) in [("svg", figure.svgFile), ("csv", figure.csvFile)] {
        let name = "\(figure.name).\(ending)"
        try TextFile.write(text, to: directory.appending(path: name))
        written.insert(name)
      }
    }
    // Figures of an earlier report that this one has not.
    for name in try FileManager.default.contentsOfDirectory(atPath: directory.path)
    where !written.contains(name) && (name.hasSuffix(".svg") || name.hasSuffix(".csv")) {
      try FileManager.default.removeItem(at: directory.appending(path: name))
    }
  }
}
