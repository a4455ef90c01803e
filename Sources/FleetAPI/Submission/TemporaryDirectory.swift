import Foundation
import HTTPTypes

/// A directory that only this user may enter.
struct TemporaryDirectory: Sendable {
  let url: URL

  init() throws {
    var template = Array(
      FileManager.default.temporaryDirectory.appending(path: "sonarsweep-http-XXXXXX").path.utf8CString)
    guard mkdtemp(&template) != nil else {
      throw Problem(.serviceUnavailable, "no temporary directory can be made: \(String(cString: strerror(errno)))")
    }
    url = URL(filePath: String(decoding: template.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self))
  }

  func remove() { try? FileManager.default.removeItem(at: url) }
}
