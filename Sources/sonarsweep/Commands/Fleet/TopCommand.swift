import ArgumentParser
import FleetClient
import Foundation
import Messaging
import TerminalView

struct TopCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "top", abstract: "See at a glance what a fleet does, on the whole terminal.",
    discussion: """
      Throughput over the last ten minutes, jobs with their progress, workers with what they hold, and what is wrong. \
      Works from 80 by 24 characters up; a smaller terminal shows less. NO_COLOR turns colours off.

      Keys: q quits; arrows, j and k move; p pauses and resumes the job, c cancels it after a question; s sorts.

      Example:
        sonarsweep top --coordinator http://127.0.0.1:5780
      """)

  @OptionGroup var connection: ConnectionOptions

  func run() throws {
    // What is wrong with the connection is said before the screen is taken.
    _ = try connection.run { try await $0.fleet() }
    let client = try CoordinatorClient(connection.configuration())
    let feed = try TopFeed()
    let listener = Task { await feed.listen(to: client) }
    defer {
      listener.cancel()
      try? Asynchronous.run { await client.close() }
    }
    let stop = try StopSignal()
    let terminal = try RawTerminal()
    defer { terminal.restore() }
    let resized = DispatchSource.makeSignalSource(signal: SIGWINCH, queue: .global())
    resized.setEventHandler { feed.bell.ring() }
    resized.resume()
    defer { resized.cancel() }
    var session = TopSession(client: client, feed: feed, state: TopState(coordinator: client.coordinator))
    try session.run(on: terminal, until: stop)
  }
}

/// The loop of `top`.
private struct TopSession {
  let client: CoordinatorClient
  let feed: TopFeed
  var state: TopState
  private var keys = KeyDecoder()
  private let colours = (ProcessInfo.processInfo.environment["NO_COLOR"] ?? "").isEmpty

  init(client: CoordinatorClient, feed: TopFeed, state: TopState) {
    (self.client, self.feed, self.state) = (client, feed, state)
  }

  /// - Throws: what ended the connection for good; `ExitCode(130)` after Ctrl-C or a signal.
  mutating func run(on terminal: RawTerminal, until stop: StopSignal) throws {
    while true {
      for news in feed.take() { try take(news) }
      let size = terminal.size
      terminal.show(
        TopRenderer(width: size.width, height: size.height).lines(state).map { $0.encoded(colours: colours) })
      var items = [STDIN_FILENO, feed.bell.descriptor, stop.descriptor].map {
        pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
      }
      // An escape by itself is one once nothing follows it.
      if poll(&items, nfds_t(items.count), Self.escapeWait) == 0 {
        for key in keys.flush() where try !handle(key) { return }
      }
      if items[2].revents != 0 { throw ExitCode(130) }
      guard items[0].revents != 0 else { continue }
      guard let bytes = terminal.read() else { return }
      for key in keys.feed(bytes) where try !handle(key) { return }
    }
  }

  /// Milliseconds.
  private static let escapeWait: Int32 = 200

  private mutating func take(_ news: TopFeed.News) throws {
    switch news {
    case .connected: state.restart()
    case .event(let event): state.apply(event)
    case .lost(let reason): state.connection = .lost(reason)
    case .message(let text): state.message = text
    case .failed(let error): throw error
    }
  }

  /// False where the screen is left.
  private mutating func handle(_ key: Key) throws -> Bool {
    guard let action = state.handle(key) else { return true }
    switch action {
    case .quit: return false
    case .interrupt: throw ExitCode(130)
    case .cancel, .pause, .resume:
      let (feed, client) = (feed, client)
      Task { await feed.perform(action, with: client) }
      return true
    }
  }
}
