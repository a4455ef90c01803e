import Foundation

/// A descriptor that becomes readable when another thread rings.
package final class Bell: Sendable {
  /// Readable once it was rung.
  package let descriptor: Int32
  private let writer: Int32

  /// - Throws: `MessagingError` where no descriptor can be had.
  package init() throws {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else {
      throw MessagingError(.socket, "no pipe could be made: \(String(cString: strerror(errno)))")
    }
    for end in ends {
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
    }
    (descriptor, writer) = (ends[0], ends[1])
  }

  deinit {
    close(descriptor)
    close(writer)
  }

  /// A pipe that is full rings already.
  package func ring() {
    var byte: UInt8 = 1
    _ = write(writer, &byte, 1)
  }

  /// Forgets that it was rung.
  package func quieten() {
    var bytes = [UInt8](repeating: 0, count: 256)
    while read(descriptor, &bytes, bytes.count) > 0 {}
  }

  /// Waits until it is rung, or another descriptor becomes readable: true in the second case.
  package func wait(or other: Int32?) -> Bool {
    var items = [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)]
    if let other { items.append(pollfd(fd: other, events: Int16(POLLIN), revents: 0)) }
    while poll(&items, nfds_t(items.count), -1) < 0 {}
    return items[0].revents == 0
  }
}
