import Foundation

/// The mean path of each group of units along an axis, and a sample of the single ones.
struct PathRows {
  /// Vectors by place on the axis, of the places that have any.
  struct MeanPath {
    let labels: [String]
    let xs: [Double]
    let places: [Int]
    let points: [[Double]]
    /// How many single paths it is the mean of, at most.
    let count: Int
  }

  /// 128 MiB.
  private static let mostValues: UInt64 = 1 << 25

  private let axis: Label
  private let grouping: Grouping
  private let means: GroupMeans
  /// By the coordinates but the axis's: the group, and vectors by place.
  private let single: [UInt64: (group: Int, points: [Int: [Float]])]

  init(_ units: UnitRows, axis: Label, _ grouping: Grouping) throws {
    (self.axis, self.grouping) = (axis, grouping)
    var means = try GroupMeans(groups: grouping.count * axis.count, dim: units.dim)
    let paths = max(1, units.count / UInt64(axis.count))
    let sample = Sample(Int(max(2, Self.mostValues / UInt64(axis.count * units.dim))), of: paths)
    var single: [UInt64: (group: Int, points: [Int: [Float]])] = [:]
    let shape = units.labels.shape
    try units.forEachUnit { unit, row in
      let (group, place) = (grouping.id(unit.coordinates), unit.coordinates[axis.axis])
      means.add(row, to: group * axis.count + place)
      let rest = unit.rest(without: [axis.axis], shape)
      if sample.contains(rest) { single[rest, default: (group, [:])].points[place] = Array(row) }
    }
    (self.means, self.single) = (means, single)
  }

  /// Nil of a group without units.
  func meanPath(_ group: Int) -> MeanPath? {
    let places = (0..<axis.count).filter { means.counts[group * axis.count + $0] > 0 }
    guard !places.isEmpty else { return nil }
    return MeanPath(
      labels: places.map(axis.value), xs: places.map { axis.isNumeric ? axis.number($0) ?? 0 : Double($0) },
      places: places, points: places.compactMap { means.mean(group * axis.count + $0) },
      count: places.map { means.counts[group * axis.count + $0] }.max() ?? 0)
  }

  /// Of each single path of the group: the step lengths and turning angles by their place on the axis.
  func steps(of group: Int) -> [SinglePath] {
    single.keys.sorted().compactMap { key in
      guard let path = single[key], path.group == group else { return nil }
      let places = path.points.keys.sorted()
      let geometry = PathGeometry(places.map { (path.points[$0] ?? []).map(Double.init) })
      return SinglePath(
        lengths: Dictionary(uniqueKeysWithValues: zip(places, geometry.stepLengths)),
        angles: Dictionary(
          uniqueKeysWithValues: zip(places.dropFirst(), geometry.turningAngles()).compactMap { place, angle in
            angle.map { (place, $0) }
          }))
    }
  }

  struct SinglePath {
    let lengths: [Int: Double]
    let angles: [Int: Double]
  }
}
