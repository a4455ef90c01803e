/// Reads a pickle as `torch.save` writes it and builds inert values only.
///
/// Python's pickle is a program: it may name any function and call it. Here the opcodes are an allow-list, and so are
/// the names (`PickleGlobal`); "calling" one of them builds a description of a tensor or an empty dictionary, and
/// everything else is an error that says its name. Size, stack, memo and containers are bounded.
struct Unpickler {
  /// What is wrong with a pickle.
  struct Problem: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
  }

  static let maximumSize = 8 << 20
  private static let maximumStack = 200_000
  private static let maximumMarks = 10_000
  private static let maximumMemo = 1_000_000
  private static let maximumDimensions = 8

  private var cursor: ByteCursor
  private var stack: [PickleValue] = []
  /// The stack's height at each open mark.
  private var marks: [Int] = []
  private var memo: [Int: PickleValue] = [:]
  private var heap = PickleHeap()

  /// The value a pickle holds, and where its containers lie. Throws `Problem`.
  static func read(_ bytes: [UInt8]) throws -> (root: PickleValue, heap: PickleHeap) {
    guard bytes.count <= maximumSize else { throw Problem("has \(bytes.count) bytes; at most \(maximumSize) are read") }
    var unpickler = Unpickler(cursor: ByteCursor(bytes))
    do {
      while let opcode = try unpickler.opcode() { try unpickler.execute(opcode) }
      return (try unpickler.pop(), unpickler.heap)
    } catch is ByteCursor.End {
      throw Problem("is cut off at byte \(unpickler.cursor.position)")
    } catch is PickleHeap.Full {
      throw Problem("builds too many values")
    }
  }

  private init(cursor: ByteCursor) { self.cursor = cursor }

  /// The next opcode; nil at the end.
  private mutating func opcode() throws -> PickleOpcode? {
    let byte = try cursor.byte()
    guard let opcode = PickleOpcode(rawValue: byte) else {
      let shown = String(byte, radix: 16)
      throw Problem("uses opcode 0x\(shown) at byte \(cursor.position - 1), which no checkpoint needs")
    }
    return opcode == .stop ? nil : opcode
  }

  private mutating func execute(_ opcode: PickleOpcode) throws {
    switch opcode {
    case .stop: break
    case .proto: try checkProtocol()
    case .frame: _ = try cursor.take(8)
    case .none: try push(.none)
    case .newTrue: try push(.bool(true))
    case .newFalse: try push(.bool(false))
    case .binInt: try push(.integer(Int(Int32(bitPattern: try cursor.number(UInt32.self)))))
    case .binInt1: try push(.integer(Int(try cursor.byte())))
    case .binInt2: try push(.integer(Int(try cursor.number(UInt16.self))))
    case .long1: try push(.integer(try longInteger()))
    case .binFloat: try push(.real(Double(bitPattern: try cursor.number(UInt64.self).byteSwapped)))
    case .binUnicode: try push(text(try cursor.integer(UInt32.self)))
    case .shortBinUnicode: try push(text(Int(try cursor.byte())))
    case .emptyTuple: try push(.tuple(try heap.add()))
    case .emptyList: try push(.list(try heap.add()))
    case .emptyDict: try push(.dictionary(try heap.add()))
    case .emptySet: try push(.set(try heap.add()))
    case .mark: try mark()
    case .tuple: try push(.tuple(try heap.add(popToMark())))
    case .tuple1: try push(.tuple(try heap.add(pop(1))))
    case .tuple2: try push(.tuple(try heap.add(pop(2))))
    case .tuple3: try push(.tuple(try heap.add(pop(3))))
    case .append: try append(pop(1))
    case .appends, .addItems: try append(popToMark())
    case .setItem: try setItems(pop(2))
    case .setItems: try setItems(popToMark())
    case .binPut: try put(Int(try cursor.byte()))
    case .longBinPut: try put(try cursor.integer(UInt32.self))
    case .memoize: try put(memo.count)
    case .binGet: try get(Int(try cursor.byte()))
    case .longBinGet: try get(try cursor.integer(UInt32.self))
    case .global: try push(.global(try global(module: cursor.line(atMost: 200), name: cursor.line(atMost: 200))))
    case .stackGlobal: try stackGlobal()
    case .binPersID: try persistent(pop())
    case .newObj: try newObject()
    case .reduce: try reduce()
    case .build: try build()
    }
  }

  private mutating func checkProtocol() throws {
    let version = try cursor.byte()
    guard (2...5).contains(version) else { throw Problem("has protocol \(version); 2 to 5 are read") }
  }

  // MARK: - Stack and memo

  private mutating func push(_ value: PickleValue) throws {
    guard stack.count < Self.maximumStack else { throw Problem("stacks more than \(Self.maximumStack) values") }
    stack.append(value)
  }

  private mutating func mark() throws {
    guard marks.count < Self.maximumMarks else { throw Problem("nests more than \(Self.maximumMarks) deep") }
    marks.append(stack.count)
  }

  private mutating func pop() throws -> PickleValue {
    guard stack.count > marks.last ?? 0, let value = stack.popLast() else { throw underflow }
    return value
  }

  private mutating func pop(_ count: Int) throws -> [PickleValue] {
    guard stack.count - (marks.last ?? 0) >= count else { throw underflow }
    defer { stack.removeLast(count) }
    return Array(stack.suffix(count))
  }

  private mutating func popToMark() throws -> [PickleValue] {
    guard let height = marks.popLast() else { throw underflow }
    defer { stack.removeLast(stack.count - height) }
    return Array(stack[height...])
  }

  private func top() throws -> PickleValue {
    guard stack.count > marks.last ?? 0, let value = stack.last else { throw underflow }
    return value
  }

  private var underflow: Problem { Problem("takes more than was put there, at byte \(cursor.position - 1)") }

  private mutating func put(_ index: Int) throws {
    memo[index] = try top()
    guard memo.count <= Self.maximumMemo else { throw Problem("remembers more than \(Self.maximumMemo) values") }
  }

  private mutating func get(_ index: Int) throws {
    guard let value = memo[index] else { throw Problem("asks for value \(index), which it never stored") }
    try push(value)
  }

  // MARK: - Values

  private mutating func text(_ count: Int) throws -> PickleValue {
    guard let text = String(validating: try cursor.take(count), as: UTF8.self) else {
      throw Problem("has a text that is not UTF-8 at byte \(cursor.position - count)")
    }
    return .text(text)
  }

  private mutating func longInteger() throws -> Int {
    let bytes = try cursor.take(Int(try cursor.byte()))
    guard bytes.count <= 8 else { throw Problem("has a number of \(bytes.count) bytes") }
    let sign: UInt64 = (bytes.last ?? 0) & 0x80 == 0 ? 0 : .max
    return Int(truncatingIfNeeded: bytes.reversed().reduce(sign) { $0 << 8 | UInt64($1) })
  }

  private mutating func append(_ values: [PickleValue]) throws {
    switch try top() {
    case .list(let place), .set(let place): try heap.append(values, to: place)
    default: throw Problem("appends to something that is no list")
    }
  }

  private mutating func setItems(_ values: [PickleValue]) throws {
    guard case .dictionary(let place) = try top(), values.count % 2 == 0 else {
      throw Problem("sets items of something that is no dictionary")
    }
    try heap.append(values, to: place)
  }

  private func global(module: ArraySlice<UInt8>, name: ArraySlice<UInt8>) throws -> PickleGlobal {
    let (module, name) = (String(decoding: module, as: UTF8.self), String(decoding: name, as: UTF8.self))
    guard let global = PickleGlobal(module: module, name: name) else {
      throw Problem("names '\(printable("\(module).\(name)"))', which is not allowed; nothing of it was run")
    }
    return global
  }

  private mutating func stackGlobal() throws {
    let names = try pop(2)
    guard case .text(let module) = names[0], case .text(let name) = names[1] else {
      throw Problem("names something by a value that is no text")
    }
    try push(.global(try global(module: Array(module.utf8)[...], name: Array(name.utf8)[...])))
  }

  /// `('storage', type, key, device, count)`
  private mutating func persistent(_ identifier: PickleValue) throws {
    guard case .tuple(let place) = identifier, heap[place].count == 5,
      case .text("storage") = heap[place][0], case .global(.storage(let type)) = heap[place][1],
      case .text(let key) = heap[place][2], case .text = heap[place][3], case .integer(let count) = heap[place][4]
    else { throw Problem("refers to something outside that is no storage") }
    try push(.storage(try heap.add(TorchStorage(type: type, key: key, count: count))))
  }

  private mutating func newObject() throws {
    let arguments = try pop(2)
    guard case .global(.embedding) = arguments[0], case .tuple(let place) = arguments[1], heap[place].isEmpty else {
      throw Problem("makes an object of something that is no class it may use")
    }
    try push(.object(.embedding, try heap.add()))
  }

  private mutating func reduce() throws {
    let call = try pop(2)
    guard case .global(let function) = call[0], case .tuple(let place) = call[1] else {
      throw Problem("calls something that is no allowed function")
    }
    let arguments = heap[place]
    switch function {
    case .orderedDictionary where arguments.isEmpty: try push(.dictionary(try heap.add()))
    case .set where arguments.count <= 1: try push(.set(try heap.add()))
    case .rebuildTensor: try push(try tensor(arguments))
    case .rebuildParameter:
      guard arguments.count == 3, case .tensor = arguments[0] else { throw Problem("has a parameter of no tensor") }
      try push(arguments[0])
    default: throw Problem("calls '\(function)' in a way no checkpoint does")
    }
  }

  /// `_rebuild_tensor_v2(storage, offset, shape, strides, requires_grad, backward_hooks[, metadata])`
  private mutating func tensor(_ arguments: [PickleValue]) throws -> PickleValue {
    guard (6...7).contains(arguments.count), case .storage(let storage) = arguments[0],
      case .integer(let offset) = arguments[1],
      let shape = heap.integers(arguments[2], atMost: Self.maximumDimensions),
      let strides = heap.integers(arguments[3], atMost: Self.maximumDimensions), shape.count == strides.count
    else { throw Problem("has a tensor that is not described by storage, offset, shape and strides") }
    return .tensor(
      try heap.add(TorchTensor(storage: heap.storages[storage], offset: offset, shape: shape, strides: strides)))
  }

  /// The state of an embedding is kept; attributes of a dictionary (`_metadata` of a state dict) are dropped.
  private mutating func build() throws {
    let state = try pop()
    guard case .dictionary = state else { throw Problem("gives an object a state that is no dictionary") }
    switch try top() {
    case .object(.embedding, let place): try heap.append([state], to: place)
    case .dictionary: break
    default: throw Problem("gives a state to something that has none")
    }
  }
}
