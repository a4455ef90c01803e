import Glibc
import Monitoring
import Testing

@Suite("Prometheus' text format")
struct PrometheusTextTests {
  @Test("a family is its help, its type and a line a sample, labels in the order given")
  func numbers() {
    let family = MetricFamily(
      "sonarsweep_jobs", .gauge, help: "Jobs by phase.",
      [.init(["phase": "queued"], 3), .init(["phase": "done", "by": "x"], 0.25), .init(-1)])
    #expect(
      PrometheusText.render([family]) == """
        # HELP sonarsweep_jobs Jobs by phase.
        # TYPE sonarsweep_jobs gauge
        sonarsweep_jobs{phase="queued"} 3
        sonarsweep_jobs{phase="done",by="x"} 0.25
        sonarsweep_jobs -1

        """)
  }

  @Test("what would end a line or a label is escaped")
  func escaping() {
    let family = MetricFamily("m", .counter, help: "back\\slash\nand line", [.init(["l": "a\"b\\c\nd"], 1)])
    #expect(
      PrometheusText.render([family]) == #"""
        # HELP m back\\slash\nand line
        # TYPE m counter
        m{l="a\"b\\c\nd"} 1

        """#)
  }

  @Test("a histogram's buckets add up, each with its upper bound, the last without one")
  func histogram() {
    var histogram = Histogram(bounds: [0.5, 1])
    for value in [0.25, 0.5, 0.75, 4] { histogram.observe(value) }
    let family = MetricFamily("d_seconds", .histogram, help: "h", [.init(["route": "/"], histogram)])
    #expect(
      PrometheusText.render([family]) == """
        # HELP d_seconds h
        # TYPE d_seconds histogram
        d_seconds_bucket{route="/",le="0.5"} 2
        d_seconds_bucket{route="/",le="1"} 3
        d_seconds_bucket{route="/",le="+Inf"} 4
        d_seconds_sum{route="/"} 5.5
        d_seconds_count{route="/"} 4

        """)
  }

  @Test(
    "numbers are written as Go reads them",
    arguments: [
      (Double.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"), (0, "0"), (1e14, "100000000000000"),
      (1e21, "1e+21"), (1_764_100_000.5, "1764100000.5"),
    ])
  func values(value: Double, text: String) {
    let family = MetricFamily("m", .gauge, help: "h", [.init(value)])
    #expect(PrometheusText.render([family]).hasSuffix("\nm \(text)\n"))
  }

  @Test("a family without samples still says what it is")
  func empty() {
    #expect(PrometheusText.render([MetricFamily("m", .gauge, help: "h", [])]) == "# HELP m h\n# TYPE m gauge\n")
  }
}

@Suite("Histogram")
struct HistogramTests {
  @Test("a value falls in the first bucket whose bound it does not pass; what is no number is left out")
  func buckets() {
    var histogram = Histogram(bounds: [1, 2])
    for value in [-1, 1, 1.5, 2, 3, .nan, .infinity] { histogram.observe(value) }
    #expect(histogram.counts == [2, 2, 1])
    #expect(histogram.count == 5)
    #expect(histogram.sum == 6.5)
  }
}

#if os(Linux)
  @Suite("Metrics of the process")
  struct ProcessMetricsTests {
    @Test("say what the system knows of this very process")
    func families() throws {
      var values: [String: Double] = [:]
      for family in ProcessMetrics.families() {
        if case .number(let value)? = family.samples.first?.value { values[family.name] = value }
      }
      #expect(try #require(values["process_resident_memory_bytes"]) > 1_000_000)
      #expect(try #require(values["process_cpu_seconds_total"]) > 0)
      #expect(try #require(values["process_open_fds"]) >= 3)
      let start = try #require(values["process_start_time_seconds"])
      let now = Double(time(nil))
      // Boot time is told in whole seconds.
      #expect(start <= now + 2 && start > now - 86400)
    }
  }
#endif
