import Foundation
import Report
import ResultStore

/// A study's report, beside the runs it is about.
enum StudyReport {
  /// Writes `results/<study>/report.html`, with links to the reports of its runs where they have one.
  ///
  /// - Parameters:
  ///   - name: the study's.
  ///   - runs: its jobs in order, each with its status, as `done`.
  /// - Returns: the file.
  /// - Throws: `StoreError` where it cannot be written.
  static func write(
    _ name: String, claims: [StudyReportPage.Claim], runs: [(job: String, status: String)], in results: URL
  ) throws -> URL {
    let linked = runs.map { run in
      let report = results.appending(path: "\(run.job)/report.html")
      let exists = FileManager.default.fileExists(atPath: report.path)
      return StudyReportPage.Run(
        job: run.job, status: run.status, link: exists ? "../\(run.job)/report.html" : nil)
    }
    let page = StudyReportPage(name: name, claims: claims, runs: linked, version: SonarSweep.programVersion)
    let file = results.appending(path: "\(name)/report.html")
    try TextFile.write(page.html(), to: file)
    return file
  }
}
