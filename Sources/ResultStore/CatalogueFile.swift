import Foundation

/// The catalogue's file and those SQLite keeps beside it.
struct CatalogueFile {
  let path: String

  init(in directory: String) { path = "\(directory)/catalogue.sqlite" }

  var exists: Bool { access(path, F_OK) == 0 }

  /// Renames a damaged catalogue to `catalogue.sqlite.damaged-<n>`, which SQLite can still be asked to read, and returns
  /// that name. The file itself goes last: were it gone first, a new one would meet the old one's log.
  func moveAside() throws -> String {
    let parts = ["-wal", "-shm", "-journal", ""]
    var number = 1
    while parts.contains(where: { access("\(path).damaged-\(number)\($0)", F_OK) == 0 }) { number += 1 }
    let aside = "\(path).damaged-\(number)"
    for part in parts where rename(path + part, aside + part) != 0 && errno != ENOENT {
      throw StoreError.system("rename \(path + part)")
    }
    try DurableFile.syncDirectory((path as NSString).deletingLastPathComponent)
    return aside
  }
}
