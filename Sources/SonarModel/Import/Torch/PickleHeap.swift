/// Where a pickle's containers lie, and how large they may become together.
struct PickleHeap {
  struct Full: Error {}

  private static let maximumContainers = 500_000
  private static let maximumItems = 2_000_000

  private var containers: [[PickleValue]] = []
  private(set) var storages: [TorchStorage] = []
  private(set) var tensors: [TorchTensor] = []
  private var items = 0

  subscript(container: Int) -> [PickleValue] { containers[container] }

  mutating func add(_ values: [PickleValue] = []) throws -> Int {
    guard containers.count < Self.maximumContainers else { throw Full() }
    try count(values.count)
    containers.append(values)
    return containers.count - 1
  }

  mutating func append(_ values: some Collection<PickleValue>, to container: Int) throws {
    try count(values.count)
    containers[container].append(contentsOf: values)
  }

  mutating func add(_ storage: TorchStorage) throws -> Int {
    guard storages.count < Self.maximumContainers else { throw Full() }
    storages.append(storage)
    return storages.count - 1
  }

  mutating func add(_ tensor: TorchTensor) throws -> Int {
    guard tensors.count < Self.maximumContainers else { throw Full() }
    tensors.append(tensor)
    return tensors.count - 1
  }

  /// The entries of a dictionary whose keys are texts; others are left out. Nil for anything else.
  func dictionary(_ value: PickleValue?) -> [String: PickleValue]? {
    guard case .dictionary(let place) = value else { return nil }
    let flat = containers[place]
    var result: [String: PickleValue] = [:]
    for i in stride(from: 0, to: flat.count - 1, by: 2) {
      if case .text(let key) = flat[i] { result[key] = flat[i + 1] }
    }
    return result
  }

  /// The numbers of a tuple; nil where it is none, or holds something else.
  func integers(_ value: PickleValue, atMost limit: Int) -> [Int]? {
    guard case .tuple(let place) = value, containers[place].count <= limit else { return nil }
    var result: [Int] = []
    for item in containers[place] {
      guard case .integer(let number) = item else { return nil }
      result.append(number)
    }
    return result
  }

  private mutating func count(_ added: Int) throws {
    items += added
    guard items <= Self.maximumItems else { throw Full() }
  }
}
