import Testing

/// A way a file may differ from what is true.
struct Lie<Subject>: Sendable, CustomTestStringConvertible, CustomStringConvertible {
  let description: String
  let tell: @Sendable (inout Subject) -> Void

  var testDescription: String { description }

  init(_ description: String, _ tell: @escaping @Sendable (inout Subject) -> Void) {
    (self.description, self.tell) = (description, tell)
  }
}
