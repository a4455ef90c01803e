import FleetProtocol

extension FleetMessage {
  /// The roles that may send this to a coordinator or an aggregator. Every message is checked, not the hello alone: a
  /// peer may take over the routing id of one that has left.
  package var senders: Set<Hello.Role> {
    switch self {
    case .hello(let hello): [hello.role]
    case .heartbeat, .goodbye: [.worker, .aggregator]
    case .request, .computed, .records: [.worker]
    case .opened, .committed, .discarded, .closed, .storage, .measured: [.aggregator]
    case .submit, .statusRequest: [.client]
    // What coordinators and aggregators say themselves.
    case .identify, .refused, .welcome, .job, .lease, .revoke, .forget, .dismiss, .acknowledge, .open,
      .quarantine, .retry, .close, .accepted, .rejected, .status:
      []
    }
  }

  /// The answer that says why this is not taken: `rejected` to a client's questions, else `refused`.
  package func refusal(_ reason: String) -> FleetMessage {
    switch self {
    case .submit, .statusRequest: .rejected(reason: reason)
    default: .refused(reason: reason)
    }
  }
}
