import FleetClient

/// Draws `top`: a state in, the lines of a screen out. Made for 80 by 24; smaller ones show less.
public struct TopRenderer: Sendable {
  let width: Int
  let height: Int

  public init(width: Int, height: Int) { (self.width, self.height) = (width, height) }

  /// Exactly `height` lines of `width` characters.
  public func lines(_ state: TopState) -> [StyledLine] {
    let top = [title(state), throughput(state), problem(state)]
    let foot = [detail(state), footer(state)]
    let body = body(state, height: height - top.count - foot.count)
    // On a screen that is not high enough the last line, which says how to leave, is the last to go.
    let all = Array((top + body).prefix(max(0, height - foot.count))) + foot.suffix(max(0, height))
    return all.map { $0.fitted(to: width) }
  }

  // MARK: The fleet

  private func title(_ state: TopState) -> StyledLine {
    var line = StyledLine("SonarSweep", .bold)
    guard let fleet = state.fleet else {
      line.append("  \(state.coordinator)")
      return line
    }
    let running = fleet.jobs["running"] ?? 0
    let queued = (fleet.jobs["queued"] ?? 0) + (fleet.jobs["opening"] ?? 0)
    line.append("  \(running) running, \(queued) queued")
    line.append("  \(fleet.workers.total) worker\(fleet.workers.total == 1 ? "" : "s")")
    line.append("  \(Words.rate(fleet.unitsPerSecond)) units/s", .good)
    if let left = fleet.secondsLeft, left > 0 { line.append("  \(Words.time(left)) left") }
    // A part of a URL tells nothing.
    if line.text.count + 2 + state.coordinator.count <= width { line.append("  \(state.coordinator)", .dim) }
    return line
  }

  private func throughput(_ state: TopState) -> StyledLine {
    let values = state.fleet?.throughput.map(\.unitsPerSecond) ?? []
    guard let most = values.max() else { return StyledLine("units/s  nothing committed yet", .dim) }
    let end = "  most \(Words.rate(most))"
    var line = StyledLine("units/s  ")
    line.append(Sparkline.text(values, width: width - line.text.count - end.count), .good)
    line.append(end, .dim)
    return line
  }

  /// What keeps the fleet from going on; where nothing does, the disk.
  private func problem(_ state: TopState) -> StyledLine {
    if case .lost(let reason) = state.connection { return StyledLine("not connected, trying again: \(reason)", .bad) }
    guard let fleet = state.fleet else { return StyledLine() }
    if !fleet.problem.isEmpty { return StyledLine(fleet.problem, .bad) }
    guard let aggregator = fleet.aggregator else {
      return StyledLine("no aggregator: nothing can be committed", .bad)
    }
    if !aggregator.problem.isEmpty { return StyledLine(aggregator.problem, .bad) }
    let failed = state.jobs.reduce(UInt64(0)) { $0.addingReportingOverflow($1.failed).partialValue }
    var line = StyledLine(
      "disk \(Words.bytes(aggregator.diskFreeBytes)) free of \(Words.bytes(aggregator.diskSizeBytes))", .dim)
    if failed > 0 { line.append("  \(Words.count(failed)) units failed", .warning) }
    return line
  }

  // MARK: Jobs and workers

  private func body(_ state: TopState, height: Int) -> [StyledLine] {
    guard height >= 2 else { return [] }
    let jobs = state.jobs
    // Two lines are headers. Each half may use what the other leaves.
    let room = height - 2
    let forWorkers = min(state.workers.count, max(room - jobs.count, room * 2 / 5))
    let forJobs = room - forWorkers
    var lines = [StyledLine(jobTable.header(width: width), .reverse)]
    let place = jobs.firstIndex { $0.id == state.selected?.id } ?? 0
    let first = max(0, min(place - forJobs / 2, jobs.count - forJobs))
    for (i, job) in jobs.enumerated().dropFirst(first).prefix(forJobs) {
      lines.append(StyledLine(jobTable.row(job, width: width), i == place ? .bold : style(of: job)))
    }
    if jobs.isEmpty, forJobs > 0 { lines.append(StyledLine("no jobs; submit one: sonarsweep submit JOB.yaml", .dim)) }
    while lines.count < 1 + forJobs { lines.append(StyledLine()) }
    lines.append(StyledLine(workerTable.header(width: width), .reverse))
    lines += state.workers.prefix(forWorkers).map {
      StyledLine(workerTable.row($0, width: width), $0.state == .working ? .plain : .dim)
    }
    while lines.count < height { lines.append(StyledLine()) }
    return Array(lines.prefix(height))
  }

  private func style(of job: RemoteJob) -> StyledLine.Style {
    switch job.phase {
    case .failed: .bad
    case .running where !job.problem.isEmpty: .warning
    case .running, .opening: .plain
    case .paused: .warning
    case .queued, .done, .cancelled: .dim
    }
  }

  private var jobTable: ScreenTable<RemoteJob> {
    let barWidth = width >= 100 ? 20 : 10
    return ScreenTable(columns: [
      .init(title: "JOB", width: nil) { $0.id },
      .init(title: "PHASE", width: 9) { $0.phase.rawValue },
      .init(title: "PROGRESS", width: barWidth, from: 72) { job in
        String(JobProgress.bar(job.fraction, width: barWidth - 2))
      },
      .init(title: "DONE", width: 4, isRight: true) { Words.percent($0.fraction) },
      .init(title: "UNITS", width: 9, isRight: true, from: 100) { Words.count($0.units) },
      .init(title: "UNITS/S", width: 7, isRight: true, from: 60) {
        $0.phase.hasEnded ? "" : Words.rate($0.unitsPerSecond)
      },
      .init(title: "LEFT", width: 7, isRight: true, from: 40) { $0.secondsLeft.map(Words.time) ?? "" },
      .init(title: "FAIL", width: 5, isRight: true, from: 50) { $0.failed == 0 ? "" : Words.count($0.failed) },
      .init(title: "PRI", width: 3, isRight: true, from: 80) { String($0.priority) },
      .init(title: "OWNER", width: 12, from: 120) { $0.owner },
    ])
  }

  private var workerTable: ScreenTable<RemoteWorker> {
    ScreenTable(columns: [
      .init(title: "WORKER", width: 18) { $0.name },
      .init(title: "STATE", width: 8) { $0.state.rawValue },
      .init(title: "UNITS/S", width: 7, isRight: true, from: 50) { $0.unitsPerSecond.map(Words.rate) ?? "" },
      .init(title: "LEASE", width: nil, from: 60) { Self.lease($0) },
      .init(title: "SILENT", width: 6, isRight: true, from: 72) { "\(Int($0.secondsSilent)) s" },
    ])
  }

  /// The first lease, and how many more there are.
  private static func lease(_ worker: RemoteWorker) -> String {
    guard let lease = worker.leases.first else { return "" }
    let more = worker.leases.count > 1 ? " +\(worker.leases.count - 1)" : ""
    return "\(lease.first)-\(lease.end - min(1, lease.end))\(more) \(lease.job)"
  }

  // MARK: The last two lines

  private func detail(_ state: TopState) -> StyledLine {
    guard let job = state.selected else { return StyledLine() }
    var line = StyledLine("\(job.id)  \(Words.count(job.committed))/\(Words.count(job.units)) units")
    if job.failed > 0 { line.append("  \(Words.count(job.failed)) failed", .warning) }
    if !job.problem.isEmpty { line.append("  \(job.problem)", .bad) }
    return line
  }

  private func footer(_ state: TopState) -> StyledLine {
    if let job = state.toConfirm { return StyledLine("cancel \(job)? y: yes, any other key: no", .warning) }
    if !state.message.isEmpty { return StyledLine(state.message, .warning) }
    return StyledLine("q quit  j/k ↑/↓ move  p pause/resume  c cancel  s sort: \(state.sort.rawValue)", .dim)
  }
}
