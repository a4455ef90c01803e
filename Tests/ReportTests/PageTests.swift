import Analysis
import Foundation
import Report
import Testing

@Suite("Pages")
struct PageTests {
  private func study(_ claim: String = "c") -> String {
    let finding = Finding(
      question: "q", measure: "m", value: 0.91234, interval: .init(low: 0.85, high: 0.95, method: "wilson"), n: 1200)
    return StudyReportPage(
      name: "sonar",
      claims: [
        .init(
          claim: claim, source: "the study", criterion: "m: above 0.8", finding: finding, verdict: .holds, job: "a-1"),
        .init(claim: "d", source: "s", criterion: "m", finding: nil, verdict: .undecided, job: "b-2"),
      ],
      runs: [
        .init(job: "a-1", status: "done", link: "../a-1/report.html"), .init(job: "b-2", status: "missing", link: nil),
      ],
      version: "1"
    ).html()
  }

  @Test("a study's report has each claim with its numbers, its verdict and its run's report")
  func claims() {
    let page = study()
    for text in [
      "0.9123", "0.85 to 0.95", "1,200", "✓\u{a0}holds", "?\u{a0}undecided", "href=\"../a-1/report.html\"",
      "2 claims: 1 holds, 0 does not hold, 1 undecided",
    ] {
      #expect(page.contains(text), "\(text)")
    }
  }

  @Test("what is put into a page cannot become markup")
  func escaped() {
    let page = study("<img src=x onerror=alert(1)>\"&")
    #expect(!page.contains("<img"))
    #expect(page.contains("&lt;img src=x onerror=alert(1)&gt;&quot;&amp;"))
  }

  @Test("a page forbids itself all requests, and knows of phones, paper, light and dark")
  func head() {
    let page = study()
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
