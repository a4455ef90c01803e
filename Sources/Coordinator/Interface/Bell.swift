import FleetProtocol
import Foundation

/// A descriptor that becomes readable when another thread rings.
final class Bell: Sendable {
  let descriptor: Int32
  private let writer: Int32

  init() throws {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw FleetError("no pipe could be made: \(String(cString: strerror(errno)))") }
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
  func ring() {
    var byte: UInt8 = 1
    _ = write(writer, &byte, 1)
  }

  func quieten() {
    var bytes = [UInt8](repeating: 0, count: 256)
    while read(descriptor, &bytes, bytes.count) > 0 {}
  }
}
