import FleetClient
import Foundation
import Testing

@Suite("The API's JSON")
struct RemoteJSONTests {
  static let job = #"""
    {"id":"position-1a2b3c4d","name":"position","kind":"position","model":"sonar-mini","precision":"fp32",
     "phase":"running","priority":10,"owner":"ada","submitted_at":"2026-11-25T19:00:00.123Z",
     "started_at":"2026-11-25T19:00:01Z","ended_at":null,"units":18446744073709551615,"done":5,"failed":1,"skipped":0,
     "committed":6,"units_per_second":1.5,"seconds_left":null,"workers":2,"leases":3,"problem":""}
    """#

  @Test("a job is read, with times and without")
  func job() throws {
    let job = try RemoteJSON.decode(RemoteJob.self, from: Data(Self.job.utf8))
    #expect(job.phase == .running && job.units == .max && job.endedAt == nil && job.secondsLeft == nil)
    #expect(RemoteJSON.text(job.submittedAt) == "2026-11-25T19:00:00.123Z")
    #expect(job.startedAt.map(RemoteJSON.text) == "2026-11-25T19:00:01Z")
  }

  @Test("an event is what its name says; others are passed over")
  func events() throws {
    guard case .job(let job) = try FleetEvent(ServerSentEvent(name: "job", data: Self.job)) else {
      Issue.record("no job")
      return
    }
    #expect(job.id == "position-1a2b3c4d")
    #expect(try FleetEvent(ServerSentEvent(name: "weather", data: "?")) == nil)
    #expect(try FleetEvent(ServerSentEvent(name: "workers", data: #"{"workers":[]}"#)) == .workers([]))
  }

  @Test(
    "an answer of something else is an error that says what is missing",
    arguments: [("{}", "'name' is missing"), ("[]", "cannot be read"), ("<html>", "cannot be read")])
  func stranger(text: String, message: String) throws {
    struct Named: Decodable { let name: String }
    let error = #expect(throws: FleetClientError.self) {
      try RemoteJSON.decode(Named.self, from: Data(text.utf8))
    }
    #expect(error?.code == .unexpectedAnswer)
    #expect(error?.description.contains(message) == true)
  }

  @Test("files go along in base64, under their names")
  func submission() throws {
    let data = try JobSubmission(file: "a.yaml", text: "name: a", assets: ["d/b.npy": Data([1, 2, 255])]).encoded()
    let object = try JSONSerialization.jsonObject(with: data) as? [String: Any]
    #expect(object?["assets"] as? [String: String] == ["d/b.npy": "AQL/"])
  }
}
