import ArgumentParser
import FleetAPI
import FleetSecurity
import Foundation
import SonarModel
import TensorKernels

struct ServeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Run a shared fleet: its coordinator, its aggregator and, if wanted, workers.",
    discussion: """
      Starts them as processes of its own, starts one again that ends, and stops all of them at Ctrl-C or SIGTERM; what \
      is committed is safe, and the same command goes on from there. Workers of other machines join by 'sonarsweep \
      worker'. What the processes log goes to standard error.

      Examples:
        sonarsweep serve --workers 2
        sonarsweep tokens add alice --role submit --output-file alice.token
        sonarsweep serve --tokens tokens --results /data/results --state /data/state
        sonarsweep serve --bind 'tcp://*:5700' --aggregator-bind 'tcp://*:5701' --advertise tcp://head:5701 \\
          --keys keys --http 0.0.0.0:5780 --tokens tokens --certificate head.pem --certificate-key head.key
      """)

  @Option(help: "Where workers and the aggregator connect: a tcp:// or ipc:// endpoint.")
  var bind = "tcp://127.0.0.1:5700"
  @Option(help: "Where clients connect: HOST:PORT of the HTTP interface; port * is any free one.")
  var http = HTTPAddress(host: "127.0.0.1", port: 5780)
  @Option(help: "The directory that holds one directory per job.", completion: .directory) var results = "results"
  @Option(help: "The directory where accepted jobs are kept.", completion: .directory) var state = "state"
  @Option(help: "The file of the tokens that clients need; see 'sonarsweep tokens'.", completion: .file())
  var tokens: String?
  @Option(help: "The HTTP interface's certificate, in PEM form.", completion: .file()) var certificate: String?
  @Option(help: "The certificate's key, in PEM form.", completion: .file()) var certificateKey: String?
  @Flag(help: "HTTP without TLS although others can reach it, as behind a proxy that ends TLS.") var plainHttp = false
  @Option(help: "The directory of the fleet's keys, which workers of other machines need.", completion: .directory)
  var keys: String?
  @Option(help: "Where workers send records; port * is any free one.") var aggregatorBind = "tcp://127.0.0.1:*"
  @Option(help: "Where workers are told to send records, if --aggregator-bind does not say it.") var advertise: String?
  @Option(
    name: .customLong("lease"), help: "Seconds without a sign of a worker after which others get its units.")
  var leaseSeconds: Double?
  @Option(name: .customLong("heartbeat"), help: "Seconds between a process's signs of life.")
  var heartbeatSeconds: Double?
  @Option(help: "Worker processes on this machine.") var workers = 0
  @Option(help: "Threads of a worker's matrix products.") var threads = 1
  @Option(help: "fp32, bf16 or int8: what the workers compute in.") var precision = Precision.fp32
  @OptionGroup var model: ModelOptions
  @Option(help: "How much to log.") var logLevel = LogLevel.warning

  func validate() throws {
    try EndpointRules.checkBind(bind, hasKeys: keys != nil)
    try EndpointRules.checkBind(aggregatorBind, hasKeys: keys != nil)
    try EndpointRules.checkAdvertised(advertise, bind: aggregatorBind)
    guard (0...1024).contains(workers) else { throw ValidationError("--workers must be 0 to 1024") }
    guard (1...1024).contains(threads) else { throw ValidationError("--threads must be 1 to 1024") }
    guard (certificate == nil) == (certificateKey == nil) else {
      throw ValidationError("--certificate and --certificate-key go together")
    }
    try HTTPRules.check(http, hasTokens: tokens != nil, hasTLS: certificate != nil, plain: plainHttp)
    if keys != nil, workers > 0 {
      throw ValidationError(
        "a fleet with keys gives one to every worker; start them by 'sonarsweep worker --key FILE' and leave --workers out"
      )
    }
  }

  func run() throws {
    if workers > 0 { try CPUBackend.check(precision) }
    let stop = try StopSignal()
    guard let fleet = try SharedFleet(settings, until: stop) else { throw ExitCode(130) }
    defer { fleet.stop() }
    announce(fleet)
    while !stop.wait(atMost: .milliseconds(200)) {
      for event in try fleet.supervise() { Output.note(event) }
    }
    Output.note("stopping; what is committed is safe")
  }

  private var settings: SharedFleet.Settings {
    let log = ["--log-level", logLevel.rawValue]
    var coordinator = ["--state", state, "--results", results] + log
    coordinator += option("--tokens", tokens) + option("--keys", keys)
    coordinator += option("--certificate", certificate) + option("--certificate-key", certificateKey)
    coordinator += option("--lease", leaseSeconds.map { "\($0)" })
    coordinator += option("--heartbeat", heartbeatSeconds.map { "\($0)" })
    if plainHttp { coordinator.append("--plain-http") }
    var aggregator = ["--bind", aggregatorBind, "--results", results] + log
    aggregator += option("--advertise", advertise) + option("--keys", keys)
    var worker = ["--threads", "\(threads)", "--precision", precision.rawValue] + log
    worker += option("--model", model.model)
    for path in model.modelPath {
      worker += option("--model-path", path)
      // It reads jobs, which may need a tokenizer.
      coordinator += option("--model-path", path)
    }
    return SharedFleet.Settings(
      bind: bind, http: "\(http)", coordinator: coordinator, aggregator: aggregator, worker: worker, workers: workers)
  }

  private func option(_ name: String, _ value: String?) -> [String] { value.map { [name, $0] } ?? [] }

  /// What to type next.
  private func announce(_ fleet: SharedFleet) {
    let quoted = ConnectionOptions.quoted
    print("fleet listens on \(fleet.url)")
    print("")
    if workers == 0 {
      print("Add workers, as many as there are cores:")
      print("  sonarsweep worker --coordinator \(quoted(fleet.endpoint))\(keys == nil ? "" : " --key FILE")")
    }
    if let tokens {
      print("Give people tokens:\n  sonarsweep tokens add NAME --tokens \(quoted(tokens)) --output-file NAME.token")
    }
    print("Hand it jobs, from any directory:")
    print(
      "  sonarsweep submit JOB.yaml --watch --coordinator \(fleet.url)\(tokens == nil ? "" : " --token-file NAME.token")"
    )
    print("See what it does: \(fleet.url)/ in a browser, or 'sonarsweep top'. Ctrl-C stops it.")
    fflush(nil)
  }
}
