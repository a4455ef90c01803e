import TensorKernels

extension TextDecoder {
  /// All logits, [vocabulary], of the token that follows `ids` (the prompt `</s> language` included).
  public func logits(embedding: [Float], after ids: [TokenID]) throws -> [Float] {
    guard (1...config.maxTargetTokens).contains(ids.count) else {
      throw TokenizerError(.tooLong, "\(ids.count) ids were given; the decoder takes 1 to \(config.maxTargetTokens)")
    }
    guard ids.allSatisfy({ $0.index < config.vocabularySize }) else {
      throw TokenizerError(.idOutOfRange, "an id is outside the vocabulary (0 to \(config.vocabularySize - 1))")
    }
    let slots = try condition(on: [embedding])
    let cache = makeCache()
    defer {
      cache.removeAll()
      release(cache, conditioning: slots[0])
    }
    var path: [Int32] = []
    let rows = ids.enumerated().map { position, id in
      path.append(cache.allocateSlot())
      return Row(
        token: id, position: position, cached: CachedRow(cache: cache, path: path), conditioning: slots[0],
        query: position == ids.count - 1 ? ScoreQuery(top: 0, all: true) : nil)
    }
    return try step(rows).last??.all ?? []
  }
}
