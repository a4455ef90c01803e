import SonarModel

/// Embeddings of recent sequences. Of bounded size: what was not used while the newer half filled up is forgotten.
struct EmbeddingCache {
  private let capacity: Int
  private var newer: [[TokenID]: [Float]] = [:]
  private var older: [[TokenID]: [Float]] = [:]

  init(capacity: Int) { self.capacity = capacity }

  subscript(sequence: [TokenID]) -> [Float]? {
    mutating get {
      if let embedding = newer[sequence] { return embedding }
      guard let embedding = older[sequence] else { return nil }
      insert(embedding, for: sequence)
      return embedding
    }
  }

  mutating func insert(_ embedding: [Float], for sequence: [TokenID]) {
    if newer.count >= capacity / 2 { (newer, older) = ([:], newer) }
    newer[sequence] = embedding
  }
}
