/// The journal could not be written.
struct JournalError: Error, CustomStringConvertible {
  let description: String

  init(_ path: String, _ cause: any Error) {
    description = "the jobs in \(path) cannot be written: \(cause); make room, or mend the file system, and try again"
  }
}
