import Analysis
import Foundation
import Report
import SweepSpec
import Testing

@Suite("Pages")
struct PageTests {
  private func study(_ text: String = "c") throws -> String {
    let good = Claim(
      text: text, source: "the study", question: .init(job: "a", analysis: "success", measure: "exact_match_rate"),
      condition: ClaimCondition(.above(0.8)))
    let open = Claim(
      text: "d", source: "s", question: .init(job: "b", analysis: "success", measure: "m"),
      condition: ClaimCondition(.below(1)))
    let finding = StudyFinding(
      analysis: "success", measure: "exact_match_rate", value: 0.91234, low: 0.85, high: 0.95, n: 1200)
    let study = try Study(
      name: "sonar", jobs: [.init(name: "a", file: "a.yaml"), .init(name: "b", file: "b.yaml")], claims: [good, open])
    let result = StudyResult(
      study, model: nil,
      jobs: [
        .init(name: "a", id: "a-1", status: .done, units: 1200), .init(name: "b", status: .failed, problem: "lost"),
      ],
      findings: ["a": [finding]])
    return StudyReportPage(result, links: ["a": "../a-1/report.html"], version: "1").html()
  }

  @Test("a study's report has each claim with its numbers, its verdict and its run's report")
  func claims() throws {
    let page = try study()
    for text in [
      "0.912 (0.85 to 0.95), n = 1200", "✓\u{a0}holds", "?\u{a0}undecided", "href=\"../a-1/report.html\"",
      "Of 2 claims, 1 hold, 0 do not, and 1 are undecided", "lost",
    ] {
      #expect(page.contains(text), "\(text)")
    }
  }

  @Test("what is put into a page cannot become markup")
  func escaped() throws {
    let page = try study("<img src=x onerror=alert(1)>\"&")
    #expect(!page.contains("<img"))
    #expect(page.contains("&lt;img src=x onerror=alert(1)&gt;&quot;&amp;"))
  }

  @Test("a page forbids itself all requests, and knows of phones, paper, light and dark")
  func head() throws {
    let page = try study()
    #expect(page.contains("default-src 'none'"))
    #expect(page.contains("name=\"viewport\""))
    #expect(page.contains("prefers-color-scheme:dark"))
    #expect(page.contains("@media print"))
    #expect(!page.contains("<script") && !page.contains("http://") && !page.contains("https://"))
  }

  @Test("figures' file names are plain and unique, whatever analyses call them")
  func names() {
    var names = FigureNames()
    #expect(names.name(analysis: "pca", figure: "pairs") == "pca-pairs")
    #expect(names.name(analysis: "pca", figure: "pairs") == "pca-pairs-2")
    #expect(names.name(analysis: "../x", figure: "a b/ñ") == "---x-a-b--")
  }
}
