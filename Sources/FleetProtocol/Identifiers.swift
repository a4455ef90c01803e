import Foundation

/// A running process of the fleet: a random UUID made when it starts. Reconnecting keeps it, restarting does not.
public struct InstanceID: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  public let rawValue: String

  public init(rawValue: String) { self.rawValue = rawValue }

  /// A fresh one.
  public init() { rawValue = UUID().uuidString.lowercased() }

  public var description: String { String(rawValue.prefix(8)) }
}

/// A lease's number, unique in its coordinator's lifetime.
public struct LeaseID: RawRepresentable, Hashable, Sendable, Comparable, CustomStringConvertible {
  public let rawValue: UInt64

  public init(rawValue: UInt64) { self.rawValue = rawValue }

  public var description: String { String(rawValue) }
  public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

/// A batch of records, numbered by its worker.
public struct BatchID: RawRepresentable, Hashable, Sendable, Comparable {
  public let rawValue: UInt64

  public init(rawValue: UInt64) { self.rawValue = rawValue }

  public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

/// A connection to a ROUTER socket: libzmq's routing id. Another one after each reconnect.
public struct Peer: Hashable, Sendable {
  public let routingID: [UInt8]

  public init(routingID: [UInt8]) { self.routingID = routingID }
}
