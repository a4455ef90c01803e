import ArgumentParser
import FleetProtocol
import FleetSecurity
import Messaging

struct KeysAddCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Let a key connect, at once: a new one, or one somebody made.",
    discussion: """
      A new key is a file in the directory of keys. Take it to its host over a safe channel, keep it at mode 0600, and \
      remove it here if you like: the list is all that the fleet needs. A key has one role.

      Whoever makes his own key pair (in Python: zmq.curve_keypair()) tells its public half, and needs the fleet's public \
      key for his file, which 'sonarsweep keys list' shows.

      Examples:
        sonarsweep keys add node-1
        sonarsweep keys add alice --role client
        sonarsweep keys add bob --role client --public-key 'rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7'
      """)

  @Argument(help: "A name for people: letters, digits, dots, dashes, underscores.") var name: String
  @Option(help: "worker, client (submits jobs) or aggregator (one that does not share the fleet's own key).")
  var role = Hello.Role.worker
  @Option(parsing: .unconditional, help: "Of a pair that somebody made, in Z85. Never give a secret here.")
  var publicKey: String?
  @OptionGroup var options: KeysOptions
  @Option(help: "table or json.") var output = OutputFormat.table

  struct Report: Encodable {
    let name: String
    let role: String
    let publicKey: String
    let serverKey: String
    /// Where the secret is; nil for a key that was not made here.
    let file: String?
  }

  func run() throws {
    let key = try publicKey.map { text in
      guard let key = CurvePublicKey(rawValue: text) else {
        throw ValidationError(
          "--public-key is no key in Z85, which has 40 characters; quote it, as the shell reads many of them")
      }
      return key
    }
    let keys = KeyDirectory(options.keys)
    let added = try keys.add(name, role: role, publicKey: key)
    let report = Report(
      name: name, role: role.rawValue, publicKey: added.key.rawValue, serverKey: try keys.server().server.rawValue,
      file: key == nil ? keys.file(of: name) : nil)
    switch output {
    case .json: try Output.json(report)
    case .table:
      print("'\(name)' may connect as \(role.rawValue)")
      if let file = report.file {
        print("its key: \(file); take it to its host over a safe channel, as: scp -p \(file) HOST:")
      } else {
        print("the fleet's public key, for its 'server-key': \(report.serverKey)")
      }
    }
  }
}
