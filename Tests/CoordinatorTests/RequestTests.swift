import Coordinator
import FleetProtocol
import SweepSpec
import Testing

@Suite("Requests of people")
struct RequestTests {
  @Test("a job is journaled with its priority and owner before its store is opened, and shown in the answer")
  func submit() throws {
    var fleet = Harness.ready()
    let job = try Harness.makeJob(units: 8)
    let (answer, commands) = fleet.state.answer(
      .submit(Submission(job, priority: JobPriority(rawValue: 70)!, owner: "ada")), at: fleet.now)
    guard case .journal(let record)? = commands.first else {
      Issue.record("the journal does not come first")
      return
    }
    #expect(record.job.id == job.id && record.priority.rawValue == 70 && record.owner == "ada")
    #expect(answer.isNew == true)
    #expect(answer.job?.phase == .opening && answer.job?.priority.rawValue == 70 && answer.job?.owner == "ada")
    #expect(fleet.view(job.id)?.owner == "ada")
  }

  @Test("submitting a job again gives the same job and changes nothing of it")
  func submitAgain() throws {
    var fleet = Harness.ready()
    let id = try fleet.submit("a", priority: 70)
    let writes = fleet.journal.count
    let (answer, sent) = fleet.ask(.submit(Submission(try Harness.makeJob("a", units: 1000), owner: "eve")))
    #expect(answer.isNew == false && answer.job?.id == id)
    #expect(answer.job?.priority.rawValue == 70 && answer.job?.owner == "")
    #expect(sent.isEmpty && fleet.journal.count == writes)
  }

  @Test("a job submitted with a key belongs to the key's name")
  func keys() throws {
    var fleet = Harness.ready()
    let job = try Harness.makeJob(units: 8)
    _ = fleet.submit(job, owner: "laptop", Harness.client)
    #expect(fleet.view(job.id)?.owner == "laptop")
    #expect(fleet.kept(job.id)?.owner == "laptop")
  }

  enum Kind: CaseIterable, Sendable {
    case cancel, pause, resume, setPriority, retryFailures

    func request(_ id: JobID) -> FleetRequest {
      switch self {
      case .cancel: .cancel(id)
      case .pause: .pause(id)
      case .resume: .resume(id)
      case .setPriority: .setPriority(id, .normal)
      case .retryFailures: .retryFailures(id, code: nil)
      }
    }
  }

  @Test("what is asked of a job that is not there is refused, and nothing happens", arguments: Kind.allCases)
  func unknownJob(kind: Kind) throws {
    var fleet = try Harness.running(units: 8)
    let writes = fleet.journal.count
    let (answer, sent) = fleet.ask(kind.request(try Harness.makeJob("other", units: 8).id))
    #expect(answer.refusal?.code == .unknown)
    #expect(sent.isEmpty && fleet.journal.count == writes)
  }

  @Test(
    "what is asked of a job that has ended is refused, says how it ended, and nothing happens", arguments: Kind.allCases
  )
  func endedJob(kind: Kind) throws {
    var fleet = try Harness.running(units: 8)
    _ = fleet.commit(fleet.job, 0..<8, total: 8)
    _ = fleet.closed(fleet.job, isComplete: true)
    let writes = fleet.journal.count
    let (answer, sent) = fleet.ask(kind.request(fleet.job))
    #expect(answer.refusal?.code == .conflict)
    #expect(answer.refusal?.description.contains("done") == true)
    #expect(sent.isEmpty && fleet.journal.count == writes)
  }

  @Test("a worker that is not there cannot be drained")
  func unknownWorker() throws {
    var fleet = try Harness.running(units: 8)
    let (answer, sent) = fleet.ask(.drain(InstanceID(rawValue: "nobody")))
    #expect(answer.refusal?.code == .unknown)
    #expect(sent.isEmpty)
  }

  @Test("beyond the most jobs, people and clients are refused with what to do, until a job ends")
  func full() throws {
    var fleet = Harness.ready { $0.maximumJobs = 2 }
    let first = try fleet.submit("a")
    try fleet.submit("b")
    let third = try Harness.makeJob("c", units: 8)
    #expect(fleet.ask(.submit(Submission(third))).answer.refusal?.code == .full)
    guard case .rejected(let reason)? = fleet.submit(third, Harness.client).first?.message else {
      Issue.record("taken")
      return
    }
    #expect(reason.contains("wait for one to end"))
    #expect(fleet.view(third.id) == nil)
    _ = fleet.ask(.cancel(first))
    #expect(fleet.ask(.submit(Submission(third))).answer.isNew == true)
  }

  @Test("beyond the most bytes of files, jobs are refused")
  func fullOfBytes() throws {
    let job = try Harness.makeJob("a", units: 8)
    var fleet = Harness.ready { $0.maximumJobBytes = job.canonicalSpec.count * 3 / 2 }
    #expect(fleet.ask(.submit(Submission(job))).answer.isNew == true)
    #expect(fleet.ask(.submit(Submission(try Harness.makeJob("b", units: 8)))).answer.refusal?.code == .full)
  }

  @Test("a priority is journaled as it is changed, and shown")
  func priority() throws {
    var fleet = try Harness.running(units: 8)
    let answer = fleet.ask(.setPriority(fleet.job, JobPriority(rawValue: 3)!)).answer
    #expect(answer.job?.priority.rawValue == 3)
    #expect(fleet.kept(fleet.job)?.priority.rawValue == 3)
  }

  @Test("priorities are from 1 to 100", arguments: [(0, false), (1, true), (100, true), (101, false), (-5, false)])
  func priorities(value: Int, isPriority: Bool) { #expect((JobPriority(rawValue: value) != nil) == isPriority) }

  @Test("asking for what is already so changes nothing")
  func nothingToDo() throws {
    var fleet = try Harness.running(units: 8)
    let writes = fleet.journal.count
    #expect(fleet.ask(.resume(fleet.job)).answer.job?.phase == .running)
    #expect(fleet.journal.count == writes)
    _ = fleet.ask(.pause(fleet.job))
    let (answer, sent) = fleet.ask(.pause(fleet.job))
    #expect(answer.job?.phase == .paused && sent.isEmpty)
    #expect(fleet.journal.count == writes + 1)
    _ = fleet.ask(.cancel(fleet.job))
    let ended = fleet.journal.count
    let again = fleet.ask(.cancel(fleet.job))
    #expect(again.answer.job?.phase == .cancelled && again.sent.isEmpty)
    #expect(fleet.journal.count == ended)
  }

  @Test("what ended is kept with how it ended, the last first and so many")
  func endedJobs() throws {
    var fleet = Harness.ready { $0.endedJobs = 2 }
    for name in ["a", "b", "c"] {
      let id = try fleet.submit(name)
      fleet.now = fleet.now + .seconds(1)
      _ = fleet.ask(.cancel(id))
      _ = fleet.closed(id)
    }
    let views = fleet.shown.jobs
    #expect(views.map(\.name) == ["c", "b"])
    #expect(views.allSatisfy { $0.phase == .cancelled && $0.endedAt != nil })
  }
}
