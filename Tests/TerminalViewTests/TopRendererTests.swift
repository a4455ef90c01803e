import FleetClient
import Foundation
import TerminalView
import Testing

@Suite("top's screen")
struct TopRendererTests {
  static func job(
    _ id: String, _ phase: RemoteJob.Phase, done: UInt64 = 0, of units: UInt64 = 100, failed: UInt64 = 0,
    at: Double = 0,
    priority: Int = 10, problem: String = ""
  ) -> RemoteJob {
    RemoteJob(
      id: id, name: id, kind: "position", model: "sonar-mini", precision: "fp32", phase: phase, priority: priority,
      owner: "ada", submittedAt: Date(timeIntervalSince1970: at),
      endedAt: phase.hasEnded ? Date(timeIntervalSince1970: at) : nil,
      units: units, done: done, failed: failed, unitsPerSecond: phase == .running ? 12 : 0,
      secondsLeft: phase == .running ? 75 : nil, problem: problem)
  }

  static func worker(_ name: String, lease: Bool) -> RemoteWorker {
    let held = RemoteWorker.Lease(
      lease: 1, job: "position-1a2b3c4d", first: 0, end: 64, remaining: 60, attempt: 1, ageSeconds: 1, secondsLeft: 4)
    return RemoteWorker(
      id: name, name: name, model: "sonar-mini", fingerprint: "f", state: lease ? .working : .idle, joinedAt: .now,
      unitsPerSecond: lease ? 6 : nil, leases: lease ? [held] : [])
  }

  static func state(jobs: [RemoteJob], workers: [RemoteWorker] = [], problem: String = "") -> TopState {
    var state = TopState(coordinator: "http://127.0.0.1:5780")
    let samples = (0..<120).map {
      RemoteFleet.Sample(at: Date(timeIntervalSince1970: Double($0)), unitsPerSecond: Double($0))
    }
    state.apply(
      .fleet(
        RemoteFleet(
          version: "0", at: .now, problem: problem, unitsPerSecond: 12, secondsLeft: 75, jobs: ["running": 1],
          workers: .init(idle: 1, working: 1, draining: 0),
          aggregator: .init(name: "a", diskFreeBytes: 3 << 30, diskSizeBytes: 10 << 30), throughput: samples)))
    for job in jobs { state.apply(.job(job)) }
    state.apply(.workers(workers))
    return state
  }

  private func screen(_ state: TopState, _ width: Int = 80, _ height: Int = 24) -> [String] {
    TopRenderer(width: width, height: height).lines(state).map(\.text)
  }

  @Test("80 by 24 tells what runs, how fast, how long, on which workers and what failed")
  func glance() {
    let jobs = [
      Self.job("position-1a2b3c4d", .running, done: 40, failed: 3), Self.job("noise-99999999", .queued, at: 1),
    ]
    let lines = screen(
      Self.state(jobs: jobs, workers: [Self.worker("node-1", lease: true), Self.worker("node-2", lease: false)]))
    #expect(lines.count == 24)
    #expect(lines.allSatisfy { $0.count == 80 })
    #expect(lines[0].contains("1 running") && lines[0].contains("12 units/s") && lines[0].contains("1:15 left"))
    #expect(lines[1].contains("█") && lines[1].contains("most 119"))
    #expect(lines[2].contains("3.0 GiB free of 10.0 GiB") && lines[2].contains("3 units failed"))
    let position = lines.first { $0.hasPrefix("position-1a2b3c4d") } ?? ""
    for text in ["running", "[###-----]", "43%", "1:15", " 3 ", "10"] {
      #expect(position.contains(text), "\(position)")
    }
    #expect(lines.contains { $0.contains("node-1") && $0.contains("working") && $0.contains("0-63 position-1a2b3c4d") })
    #expect(lines[23].contains("q quit"))
  }

  @Test("any size is filled exactly and nothing is wider", arguments: [1, 2, 5, 8, 24, 60], [1, 10, 39, 60, 80, 200])
  func sizes(height: Int, width: Int) {
    let jobs = (0..<50).map { Self.job("job-\($0)", .running, at: Double($0)) }
    let workers = (0..<50).map { Self.worker("node-\($0)", lease: $0 % 2 == 0) }
    let lines = screen(Self.state(jobs: jobs, workers: workers), width, height)
    #expect(lines.count == height)
    #expect(lines.allSatisfy { $0.count == width })
  }

  @Test("a narrow screen keeps name, phase and share")
  func narrow() {
    let line =
      screen(Self.state(jobs: [Self.job("position-1a2b3c4d", .running, done: 40)]), 38, 24)
      .first { $0.hasPrefix("position") } ?? ""
    #expect(line.contains("running") && line.contains("40%"))
  }

  @Test("the selected job stays on the screen however long the list")
  func scrolling() {
    var state = Self.state(jobs: (0..<100).map { Self.job("job-\($0)", .running, at: Double($0)) })
    for _ in 0..<60 { _ = state.handle(.down) }
    #expect(screen(state).contains { $0.hasPrefix("job-60 ") })
    #expect(screen(state)[22].hasPrefix("job-60 "))
  }

  @Test("what keeps the fleet from going on is on the third line")
  func problems() {
    #expect(screen(Self.state(jobs: [], problem: "the disk is full"))[2].hasPrefix("the disk is full"))
    var state = Self.state(jobs: [])
    state.connection = .lost("no answer from it")
    #expect(screen(state)[2].hasPrefix("not connected, trying again: no answer from it"))
  }

  @Test("names cannot drive the terminal")
  func escapes() {
    let state = Self.state(jobs: [Self.job("a\u{1B}[2Jb\nc", .failed, problem: "\u{9B}31m\u{202E}")])
    for line in TopRenderer(width: 80, height: 24).lines(state) {
      #expect(!line.text.unicodeScalars.contains { $0.value < 32 || $0.value == 0x9B || $0.value == 0x202E })
    }
  }

  @Test("without colours nothing is coloured")
  func colours() {
    let lines = TopRenderer(width: 80, height: 24).lines(
      Self.state(jobs: [Self.job("selected", .running), Self.job("a", .failed)]))
    let plain = lines.map { $0.encoded(colours: false) }.joined()
    for code in ["[31m", "[32m", "[33m"] { #expect(!plain.contains(code)) }
    #expect(lines.map { $0.encoded(colours: true) }.joined().contains("[31m"))
  }
}
