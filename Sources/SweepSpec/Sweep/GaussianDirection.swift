import Foundation
import SonarModel

/// Directions distributed evenly over the sphere: independent normal values, scaled to a length of 1.
///
/// Value pairs come from Philox4x32-10 by the transform of Box and Muller (1958): of the two words of the counter
/// (i, 0, 0, 0), element 2i is √(-2 ln u) cos(2π v) and element 2i + 1 the same with the sine. All in double precision, in
/// which the C library's last digit is far below a float32's.
package enum GaussianDirection {
  /// The direction of a seed, [dim]. Two lengths of one seed start with the same values, up to a factor.
  package static func values(seed: UInt64, dim: Int) -> [Double] {
    let random = Philox(seed: seed)
    var values: [Double] = []
    values.reserveCapacity(dim + 1)
    for pair in 0..<(dim + 1) / 2 {
      let (u, v) = random.words((UInt32(truncatingIfNeeded: pair), 0, 0, 0))
      let radius = (-2 * log(Philox.uniform(u))).squareRoot()
      let angle = 2 * Double.pi * Philox.uniform(v)
      values += [radius * cos(angle), radius * sin(angle)]
    }
    values.removeLast(values.count - dim)
    let norm = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
    // Never 0: no logarithm here is.
    return values.map { $0 / norm }
  }
}

extension Noise {
  /// The noise to add to a combination: of `scale` times its L2 norm, in the seed's direction.
  ///
  /// - Returns: nil where the combination's norm is 0 and noise relative to it has no length.
  package func values(for combination: [Float]) -> [Float]? {
    let norm = combination.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
    guard norm > 0 else { return nil }
    let length = Double(scale) * norm
    return GaussianDirection.values(seed: seed, dim: combination.count).map { Float($0 * length) }
  }
}
