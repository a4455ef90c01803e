/// The circle nearest to points of a plane: least squares of the distances to it (Gauss and Newton's steps with Marquardt's
/// damping, from the algebraic fit of Kåsa, 1976).
package struct CircleFit: Hashable, Sendable {
  package let x, y, radius: Double
  /// The root mean square of the points' distances to the circle.
  package let residual: Double

  /// Nil for fewer than three points, points on a line, or where no circle was found.
  package init?(_ points: [(x: Double, y: Double)]) {
    guard points.count >= 3, var circle = Self.algebraic(points) else { return nil }
    var (error, damping) = (Self.squares(points, circle), 1e-3)
    for _ in 0..<200 {
      let (normal, gradient) = Self.linearised(points, circle)
      var damped = normal
      for k in 0..<3 { damped[k, k] *= 1 + damping }
      guard let step = try? PositiveDefinite.solve(damped, gradient) else { break }
      let next = (x: circle.x - step[0], y: circle.y - step[1], r: circle.r - step[2])
      let nextError = Self.squares(points, next)
      if nextError <= error {
        let isSettled = Vectors.norm(step) <= 1e-13 * max(1, abs(next.r))
        (circle, error, damping) = (next, nextError, max(damping / 10, 1e-12))
        if isSettled { break }
      } else {
        damping *= 10
        if damping > 1e12 { break }
      }
    }
    guard circle.r.isFinite, circle.r > 0 else { return nil }
    (x, y, radius) = (circle.x, circle.y, circle.r)
    residual = (error / Double(points.count)).squareRoot()
  }

  private typealias Circle = (x: Double, y: Double, r: Double)

  /// Least squares of x² + y² + ax + by + c, about the mean for digits.
  private static func algebraic(_ points: [(x: Double, y: Double)]) -> Circle? {
    let n = Double(points.count)
    let (mx, my) = (points.reduce(0) { $0 + $1.x } / n, points.reduce(0) { $0 + $1.y } / n)
    var (uu, uv, vv, uz, vz, zz) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    for point in points {
      let (u, v) = (point.x - mx, point.y - my)
      let z = u * u + v * v
      uu += u * u
      uv += u * v
      vv += v * v
      uz += u * z
      vz += v * z
      zz += z
    }
    let determinant = uu * vv - uv * uv
    guard determinant > 1e-14 * (uu + vv) * (uu + vv) else { return nil }
    let (cu, cv) = ((uz * vv - vz * uv) / (2 * determinant), (vz * uu - uz * uv) / (2 * determinant))
    return (mx + cu, my + cv, (cu * cu + cv * cv + zz / n).squareRoot())
  }

  private static func squares(_ points: [(x: Double, y: Double)], _ circle: Circle) -> Double {
    points.reduce(0) { sum, point in
      let (dx, dy) = (point.x - circle.x, point.y - circle.y)
      let distance = (dx * dx + dy * dy).squareRoot() - circle.r
      return sum + distance * distance
    }
  }

  /// JᵀJ and Jᵀr of the distances.
  private static func linearised(_ points: [(x: Double, y: Double)], _ circle: Circle) -> (RealMatrix, [Double]) {
    var (normal, gradient) = (RealMatrix(rows: 3, columns: 3), [0.0, 0.0, 0.0])
    for point in points {
      let (dx, dy) = (point.x - circle.x, point.y - circle.y)
      let distance = max((dx * dx + dy * dy).squareRoot(), 1e-300)
      let slope = [-dx / distance, -dy / distance, -1]
      for i in 0..<3 {
        gradient[i] += slope[i] * (distance - circle.r)
        for j in i..<3 { normal[i, j] += slope[i] * slope[j] }
      }
    }
    return (normal, gradient)
  }
}
