import Coordinator
import HTTPTypes
import Hummingbird
import HummingbirdCore
import SweepSpec

/// Jobs as people name them.
extension FleetView {
  /// The job whose id is `name`, or else the only one whose id starts with it.
  ///
  /// - Throws: `Problem` where there is none, or several.
  func job(named name: String) throws -> JobView {
    if let job = jobs.first(where: { $0.id.rawValue == name }) { return job }
    let matches = jobs.filter { $0.id.rawValue.hasPrefix(name) }
    guard let job = matches.first else { throw Problem(.notFound, "there is no job '\(name)'; see /api/v1/jobs") }
    guard matches.count == 1 else {
      let ids = matches.prefix(5).map(\.id.rawValue).joined(separator: " or ")
      throw Problem(.conflict, "'\(name)' could be \(ids)\(matches.count > 5 ? " or others" : "")")
    }
    return job
  }
}
