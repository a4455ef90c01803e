import ArgumentParser
import FleetProtocol
import FleetSecurity
import Foundation
import Messaging
import SweepSpec

/// A fleet whose processes talk over tcp on loopback, with keys or without: what CURVE costs is the difference.
final class TCPFleet {
  private let binary: String
  private let client: Socket
  private var processes: [Process] = []

  /// - Parameter directory: for results and keys; empty.
  init(_ binary: String, workers: Int, directory: URL, withKeys: Bool) throws {
    self.binary = binary
    let keys = KeyDirectory(directory.appending(path: "keys").path)
    var (serverOptions, workerOptions): ([String], [String]) = ([], [])
    client = try Socket(.dealer, MessagingContext())
    if withKeys {
      try keys.create()
      try keys.add("worker", role: .worker)
      try keys.add("client", role: .client)
      (serverOptions, workerOptions) = (["--keys", keys.path], ["--key", keys.file(of: "worker")])
      let key = try KeyFile(reading: keys.file(of: "client"))
      try client.useCurve(key.pair, server: key.server)
    }
    do {
      let coordinator = try start(["coordinator"] + serverOptions, listens: true)
      _ = try start(
        ["aggregator", "--coordinator", coordinator, "--results", directory.path] + serverOptions, listens: true)
      for _ in 0..<workers {
        _ = try start(["worker", "--coordinator", coordinator, "--model", "none"] + workerOptions, listens: false)
      }
      try client.connect(coordinator)
    } catch {
      stop()
      throw error
    }
  }

  /// Seconds from submission to done, seen within some milliseconds.
  ///
  /// - Parameter workers: how many must have joined.
  func seconds(of job: Job, workers: Int = 0) throws -> Double {
    let start = ContinuousClock.now
    try client.send([FleetMessage.submit(JobPayload(job)).encoded()])
    while ContinuousClock.now - start < .seconds(600) {
      try client.send([FleetMessage.statusRequest(job.id).encoded()])
      _ = try Poller.wait([.socket(client)], timeout: .milliseconds(100))
      while let frame = try client.receive()?.first {
        guard case .status(let status) = try FleetMessage(decoding: frame) else { continue }
        if status.phase == .done, status.job == job.id, status.workers >= workers {
          let (seconds, attoseconds) = (ContinuousClock.now - start).components
          return Double(seconds) + Double(attoseconds) * 1e-18
        }
      }
      usleep(2000)
    }
    throw ValidationError("the fleet did not finish a job in 10 minutes")
  }

  func stop() {
    for process in processes.reversed() {
      process.terminate()
      process.waitUntilExit()
    }
    processes = []
  }

  /// Starts a process, and returns the endpoint that it says it listens on.
  private func start(_ arguments: [String], listens: Bool) throws -> String {
    let output = Pipe()
    let process = Process()
    process.executableURL = URL(filePath: binary)
    process.arguments = arguments
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    processes.append(process)
    guard listens else { return "" }
    let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    guard let endpoint = line.split(whereSeparator: \.isWhitespace).last else {
      throw ValidationError("\(binary) \(arguments[0]) did not start")
    }
    return String(endpoint)
  }
}
