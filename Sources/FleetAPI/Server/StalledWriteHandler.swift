import NIOCore

/// Closes a connection whose client takes in nothing of its answer: otherwise it would hold a download's place, or a
/// watcher's, for good. One that is slow is served.
final class StalledWriteHandler: ChannelOutboundHandler, RemovableChannelHandler {
  /// Whatever is written: only when it is done matters.
  typealias OutboundIn = NIOAny
  typealias OutboundOut = NIOAny

  private let patience: TimeAmount
  private var pending = 0
  /// Writes that were done, and bytes that wait for the client, at the last check.
  private var done = 0
  private var seen = (done: 0, bytes: 0)
  private var check: Scheduled<Void>?

  /// - Parameter patience: how long a client may take in nothing, or up to twice as long.
  init(patience: TimeAmount) { self.patience = patience }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    let promise = promise ?? context.eventLoop.makePromise()
    pending += 1
    promise.futureResult.assumeIsolated().whenComplete { _ in
      self.pending -= 1
      self.done += 1
    }
    if check == nil {
      seen = (done, .max)
      schedule(context)
    }
    context.write(data, promise: promise)
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    check?.cancel()
    check = nil
  }

  private func schedule(_ context: ChannelHandlerContext) {
    check = context.eventLoop.assumeIsolated().scheduleTask(in: patience) {
      self.check = nil
      guard self.pending > 0 else { return }
      let bytes = (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
      if self.done == self.seen.done, bytes >= self.seen.bytes { return context.close(promise: nil) }
      self.seen = (self.done, bytes)
      self.schedule(context)
    }
  }
}
