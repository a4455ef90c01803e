import Dispatch
import Foundation

/// Turns SIGINT and SIGTERM, and the end of the parent process, into a file descriptor that becomes readable.
final class StopSignal {
  /// Readable once the process should stop.
  let descriptor: Int32
  private let sources: [any DispatchSourceProtocol]

  /// - Parameter followingParent: stop when standard input ends, which is a pipe from the parent, and leave SIGINT, which
  ///   a terminal sends to the parent too, to it.
  init(followingParent: Bool = false) {
    let pipe = Pipe()
    descriptor = pipe.fileHandleForReading.fileDescriptor
    let stop = { @Sendable in pipe.fileHandleForWriting.write(Data([1])) }
    var sources: [any DispatchSourceProtocol] = []
    signal(SIGINT, SIG_IGN)
    signal(SIGTERM, SIG_IGN)
    for code in followingParent ? [SIGTERM] : [SIGINT, SIGTERM] {
      let source = DispatchSource.makeSignalSource(signal: code, queue: .global())
      source.setEventHandler(handler: stop)
      source.resume()
      sources.append(source)
    }
    if followingParent {
      let source = DispatchSource.makeReadSource(fileDescriptor: STDIN_FILENO, queue: .global())
      source.setEventHandler {
        var byte: UInt8 = 0
        guard read(STDIN_FILENO, &byte, 1) <= 0 else { return }
        stop()
        source.cancel()
      }
      source.resume()
      sources.append(source)
    }
    self.sources = sources
    keepAlive = pipe
  }

  private let keepAlive: Pipe

  /// Waits until the process should stop, or the time is over; true in the first case.
  func wait(atMost timeout: Duration) -> Bool {
    var item = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(
      &item, 1, Int32(timeout.components.seconds * 1000 + timeout.components.attoseconds / 1_000_000_000_000_000)) > 0
  }
}
