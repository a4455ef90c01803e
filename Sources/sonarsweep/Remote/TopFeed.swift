import FleetClient
import Foundation
import Messaging
import Synchronization
import TerminalView

/// What the coordinator tells `top`, gathered until it is taken.
final class TopFeed: Sendable {
  enum News: Sendable {
    case connected
    case event(FleetEvent)
    case lost(String)
    case message(String)
    /// It will not get better.
    case failed(any Error)
  }

  /// Rung when there is news, or the screen has another size.
  let bell: Bell
  private let news = Mutex<[News]>([])

  init() throws { bell = try Bell() }

  func add(_ item: News) {
    news.withLock { $0.append(item) }
    bell.ring()
  }

  func take() -> [News] {
    bell.quieten()
    return news.withLock { news in
      defer { news = [] }
      return news
    }
  }

  /// Listens until its task is cancelled or nothing more can be hoped for.
  func listen(to client: CoordinatorClient) async {
    while !Task.isCancelled {
      do {
        var isFirst = true
        try await client.watch { event in
          if isFirst { add(.connected) }
          isFirst = false
          add(.event(event))
          return true
        }
        add(.lost("\(client.coordinator) ended the connection"))
      } catch let error as FleetClientError where error.isPassing {
        add(.lost("\(error)"))
      } catch is CancellationError {
        return
      } catch {
        return add(.failed(error))
      }
      try? await Task.sleep(for: .seconds(1))
    }
  }

  func perform(_ action: TopState.Action, with client: CoordinatorClient) async {
    do {
      switch action {
      case .quit, .interrupt: return
      case .cancel(let job): add(.message("\(try await client.change(job, .cancel).id) is cancelled"))
      case .pause(let job): add(.message("\(try await client.change(job, .pause).id) is paused"))
      case .resume(let job): add(.message("\(try await client.change(job, .resume).id) goes on"))
      }
    } catch {
      add(.message("\(error)"))
    }
  }
}
