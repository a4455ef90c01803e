import Dispatch
import Foundation
import Synchronization

/// The writing end of the pipe that signals go to; a signal handler can capture nothing.
private let signalPipe = Atomic<Int32>(-1)

/// Turns SIGINT and SIGTERM, and the end of the parent process, into a file descriptor that becomes readable. One per
/// process.
final class StopSignal {
  /// Readable once the process should stop.
  let descriptor: Int32
  private let writer: Int32
  private var parentSource: (any DispatchSourceProtocol)?

  /// - Parameter followingParent: stop when standard input ends, which is a pipe from the parent, and leave SIGINT, which
  ///   a terminal sends to the parent too, to it.
  /// - Throws: `CommandError` where no pipe can be made.
  init(followingParent: Bool = false) throws {
    // Never closed: a signal may come until the process ends.
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw CommandError("no pipe could be made: \(String(cString: strerror(errno)))") }
    (descriptor, writer) = (ends[0], ends[1])
    signalPipe.store(writer, ordering: .sequentiallyConsistent)
    // Handlers rather than dispatch sources: those are installed a moment later, and a signal in between is lost.
    let stop: @convention(c) (Int32) -> Void = { _ in
      let saved = errno
      var byte: UInt8 = 1
      _ = write(signalPipe.load(ordering: .relaxed), &byte, 1)
      errno = saved
    }
    signal(SIGTERM, stop)
    signal(SIGINT, followingParent ? SIG_IGN : stop)
    // A parent may have started this process with them blocked.
    var both = sigset_t()
    sigemptyset(&both)
    sigaddset(&both, SIGTERM)
    sigaddset(&both, SIGINT)
    pthread_sigmask(SIG_UNBLOCK, &both, nil)
    if followingParent { watchParent() }
  }

  /// From here on SIGINT and SIGTERM end the process at once, as where what is left to do leaves nothing half-done.
  func release() {
    signal(SIGTERM, SIG_DFL)
    signal(SIGINT, SIG_DFL)
  }

  /// Waits until the process should stop, or the time is over; true in the first case.
  func wait(atMost timeout: Duration) -> Bool {
    var item = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    let (seconds, attoseconds) = timeout.components
    return poll(&item, 1, Int32(seconds * 1000 + attoseconds / 1_000_000_000_000_000)) > 0
  }

  private func watchParent() {
    let source = DispatchSource.makeReadSource(fileDescriptor: STDIN_FILENO, queue: .global())
    source.setEventHandler { [writer] in
      var byte: UInt8 = 0
      guard read(STDIN_FILENO, &byte, 1) <= 0 else { return }
      _ = write(writer, &byte, 1)
      source.cancel()
    }
    source.resume()
    parentSource = source
  }
}
