import TestSupport

/// Who can reach whom. Connections follow ZeroMQ: a dealer connects by itself, again and again; a router knows it by a
/// routing id that is new with every connection.
struct SimulatedNetwork {
  typealias Node = Simulation.Node

  private struct Link: Hashable {
    let dealer: Node
    let router: Node
  }

  private struct Connection {
    var number: Int
    var dealerLife: Int
    var routerLife: Int
    /// Messages arrive in the order they were sent, in each direction.
    var lastToRouter = Duration.zero
    var lastToDealer = Duration.zero
  }

  private let scenario: Scenario
  private var connections: [Link: Connection] = [:]
  private var owners: [Int: Link] = [:]
  private var cuts: [Link: Duration] = [:]
  private var nextConnection = 1

  init(_ scenario: Scenario) { self.scenario = scenario }

  static func isRouter(_ node: Node, for other: Node) -> Bool {
    switch (node, other) {
    case (.coordinator, _): true
    case (.aggregator, .worker): true
    default: false
    }
  }

  /// The number of the present connection between two processes, made where there is none.
  mutating func connection(_ sender: Node, _ senderLife: Int, _ receiver: Node, _ receiverLife: Int) -> Int {
    let toRouter = Self.isRouter(receiver, for: sender)
    let link = toRouter ? Link(dealer: sender, router: receiver) : Link(dealer: receiver, router: sender)
    let (dealerLife, routerLife) = toRouter ? (senderLife, receiverLife) : (receiverLife, senderLife)
    if let known = connections[link], known.dealerLife == dealerLife, known.routerLife == routerLife {
      return known.number
    }
    if let old = connections[link] { owners[old.number] = nil }
    connections[link] = Connection(number: nextConnection, dealerLife: dealerLife, routerLife: routerLife)
    owners[nextConnection] = link
    nextConnection += 1
    return nextConnection - 1
  }

  /// The dealer at the other end of a router's connection; nil where it is gone.
  func dealer(of connection: Int) -> Node? { owners[connection]?.dealer }

  /// Whether what was sent over a connection still arrives.
  func isOpen(_ connection: Int) -> Bool { owners[connection] != nil }

  /// When a message sent now arrives: never, once or twice.
  mutating func arrivals(
    _ sender: Node, _ receiver: Node, at now: Duration, isFaulty: Bool, using random: inout SplitMix64
  ) -> [Duration] {
    let toRouter = Self.isRouter(receiver, for: sender)
    let link = toRouter ? Link(dealer: sender, router: receiver) : Link(dealer: receiver, router: sender)
    if let until = cuts[link], until > now { return [] }
    let delay = Duration.microseconds(50) + scenario.longestDelay * Double.random(in: 0...1, using: &random)
    guard isFaulty else { return [inOrder(now + .milliseconds(1), link, toRouter)] }
    func happens(_ probability: Double) -> Bool {
      probability > 0 && Double.random(in: 0...1, using: &random) < probability
    }
    if happens(scenario.dropProbability) { return [] }
    var times = [happens(scenario.reorderProbability) ? now + delay : inOrder(now + delay, link, toRouter)]
    if happens(scenario.duplicateProbability) { times.append(now + delay * 2) }
    return times
  }

  private mutating func inOrder(_ time: Duration, _ link: Link, _ toRouter: Bool) -> Duration {
    guard var connection = connections[link] else { return time }
    let arrival = max(time, (toRouter ? connection.lastToRouter : connection.lastToDealer) + .microseconds(1))
    if toRouter { connection.lastToRouter = arrival } else { connection.lastToDealer = arrival }
    connections[link] = connection
    return arrival
  }

  /// Messages between two nodes are lost until then, and the connection is another afterwards.
  mutating func cut(_ a: Node, _ b: Node, until time: Duration) {
    for link in connections.keys where Set([link.dealer, link.router]) == [a, b] {
      cuts[link] = time
      drop(link)
    }
  }

  /// A node's connections break and are made anew; what was on the way is lost.
  mutating func reconnect(_ node: Node) {
    for link in connections.keys where link.dealer == node || link.router == node { drop(link) }
  }

  private mutating func drop(_ link: Link) {
    if let old = connections.removeValue(forKey: link) { owners[old.number] = nil }
  }
}
