import FleetClient
import TerminalView
import Testing

@Suite("top's keys")
struct TopStateTests {
  private let jobs = [
    TopRendererTests.job("b", .running, done: 10, at: 1),
    TopRendererTests.job("a", .paused, done: 50, at: 2, priority: 90),
    TopRendererTests.job("c", .done, done: 100, at: 3), TopRendererTests.job("d", .done, done: 100, at: 4),
  ]

  @Test("jobs that go on come first in their order, then those that ended, the last first")
  func order() {
    #expect(TopRendererTests.state(jobs: jobs.reversed()).jobs.map(\.id) == ["b", "a", "d", "c"])
  }

  @Test("s sorts by the next measure; jobs that go on stay first")
  func sort() {
    var state = TopRendererTests.state(jobs: jobs)
    _ = state.handle(.character("s"))
    #expect(state.sort == .progress && state.jobs.map(\.id) == ["a", "b", "d", "c"])
    for _ in 0..<2 { _ = state.handle(.character("s")) }
    #expect(state.sort == .priority && state.jobs.first?.id == "a")
  }

  @Test("p pauses what runs and resumes what is paused")
  func pause() {
    var state = TopRendererTests.state(jobs: jobs)
    #expect(state.handle(.character("p")) == .pause("b"))
    _ = state.handle(.down)
    #expect(state.handle(.character("p")) == .resume("a"))
  }

  @Test("c asks before it cancels; any key but y is no")
  func cancel() {
    var state = TopRendererTests.state(jobs: jobs)
    #expect(state.handle(.character("c")) == nil)
    #expect(state.toConfirm == "b")
    #expect(state.handle(.character("q")) == nil)
    #expect(state.toConfirm == nil)
    _ = state.handle(.character("c"))
    #expect(state.handle(.character("y")) == .cancel("b"))
  }

  @Test("a question is about the job it was asked of, whatever the order has become")
  func moved() {
    var state = TopRendererTests.state(jobs: jobs)
    _ = state.handle(.character("c"))
    state.apply(.job(TopRendererTests.job("z", .running, at: -1)))
    #expect(state.handle(.character("y")) == .cancel("b"))
  }

  @Test("what has ended is neither paused nor cancelled")
  func ended() {
    var state = TopRendererTests.state(jobs: [jobs[2]])
    #expect(state.handle(.character("p")) == nil)
    #expect(state.message.contains("has ended"))
    #expect(state.handle(.character("c")) == nil)
    #expect(state.toConfirm == nil)
  }

  @Test("the selection stops at both ends, and Ctrl-C always leaves")
  func ends() {
    var state = TopRendererTests.state(jobs: jobs)
    _ = state.handle(.up)
    #expect(state.selected?.id == "b")
    for _ in 0..<9 { _ = state.handle(.character("j")) }
    #expect(state.selected?.id == "c")
    _ = state.handle(.character("c"))
    #expect(state.handle(.interrupt) == .interrupt)
    #expect(state.handle(.character("q")) == .quit)
  }

  @Test("arrows come whole or in pieces, and other sequences are no keys")
  func decoding() {
    var decoder = KeyDecoder()
    #expect(
      decoder.feed(Array("\u{1B}[Aj\u{1B}OBq\u{03}".utf8)) == [
        .up, .character("j"), .down, .character("q"), .interrupt,
      ])
    #expect(decoder.feed([0x1B]) == [])
    #expect(decoder.feed(Array("[".utf8)) == [])
    #expect(decoder.feed(Array("B".utf8)) == [.down])
    #expect(decoder.feed(Array("\u{1B}[1;5C\u{1B}[3~x".utf8)) == [.character("x")])
    #expect(decoder.feed([0x1B]) == [])
    #expect(decoder.flush() == [.escape])
    #expect(decoder.feed(Array("ä".utf8)) == [])
  }

  @Test("a row of bars shows the last values, several a bar where there are many")
  func sparkline() {
    #expect(Sparkline.text([0, 1, 2, 7], width: 10) == "▁▂▃█")
    #expect(Sparkline.text([0, 0, 7, 7, 0, 0], width: 3) == "▁█▁")
    #expect(Sparkline.text([0, 0], width: 3) == "▁▁")
    #expect(Sparkline.text([], width: 3).isEmpty)
    #expect(Sparkline.text([1], width: 0).isEmpty)
  }
}
