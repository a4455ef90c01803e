import CZeroMQ

/// Waits until one of several sockets or file descriptors has something to read.
public struct Poller {
  public enum Source {
    case socket(Socket)
    case file(Int32)
  }

  /// Which of `sources` can be read, in their order; all false after `timeout`. A signal may end the wait early.
  public static func wait(_ sources: [Source], timeout: Duration) throws -> [Bool] {
    var items = sources.map { source in
      switch source {
      case .socket(let socket):
        zmq_pollitem_t(socket: socket.handle, fd: 0, events: Int16(ZMQ_POLLIN), revents: 0)
      case .file(let descriptor): zmq_pollitem_t(socket: nil, fd: descriptor, events: Int16(ZMQ_POLLIN), revents: 0)
      }
    }
    let (seconds, attoseconds) = timeout.components
    let milliseconds = max(0, Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000))
    if zmq_poll(&items, Int32(items.count), milliseconds) < 0, zmq_errno() != EINTR {
      throw MessagingError.last("wait for messages")
    }
    return items.map { $0.revents & Int16(ZMQ_POLLIN) != 0 }
  }
}
