/// What a model's tensors say about its shape.
struct ModelSizes: Equatable {
  var modelDim: Int
  var vocabulary: Int
  var encoderLayers: Int
  var decoderLayers: Int
  var feedForwardDim: Int

  /// SONAR "basic", as Meta published it.
  static let sonarBasic = Self(
    modelDim: 1024, vocabulary: 256_206, encoderLayers: 24, decoderLayers: 24, feedForwardDim: 8192)
}
