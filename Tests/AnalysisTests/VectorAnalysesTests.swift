import Analysis
import Foundation
import SweepSpec
import TestSupport
import Testing

@Suite("Analyses of vectors, on numbers by hand")
struct VectorAnalysesTests {
  @Test("pca: variances 4 and 1 along two axes are shares 0.8 and 0.2")
  func pca() throws {
    // x = ±2, y = ±1 in all four combinations: the variances are 16/3 and 4/3.
    let rows: [[Float]] = [[2, 1, 0], [2, -1, 0], [-2, 1, 0], [-2, -1, 0]]
    let units = try UnitRows(axes: [Axis("sample", .range(start: 0, count: 4))], rows: rows)
    let result = try PCA(components: 3).answer(units)
    #expect(isNear(try result.value("explained_variance_ratio", ["component": "1"]), 0.8))
    #expect(isNear(try result.value("explained_variance_ratio", ["component": "2"]), 0.2))
    #expect(isNear(try result.value("cumulative_explained_variance_ratio", ["component": "2"]), 1))
    #expect(isNear(try result.value("total_variance"), 20.0 / 3))
    #expect(try result.finding("total_variance").n == 4)
    let figure = try #require(result.figures.first)
    guard case .scatter(let plot) = figure.content else { throw AnalysisError("no scatter plot") }
    #expect(plot.series[0].points.map { abs($0.x).rounded() } == [2, 2, 2, 2])
  }

  @Test("pca: pairs along an axis are joined, and the arrow leads from one centroid to the other")
  func links() throws {
    let axes = [Axis("pair", .range(start: 1, count: 3)), Axis("language", .strings(["a", "b"]))]
    let rows: [[Float]] = [[0, 0], [10, 0], [0, 1], [10, 1], [0, 2], [10, 2]]
    let result = try PCA(series: "language", links: "language").answer(UnitRows(axes: axes, rows: rows))
    guard case .scatter(let plot) = try #require(result.figures.first).content else { throw AnalysisError("no plot") }
    #expect(plot.series.map(\.name) == ["a", "b"])
    #expect(plot.links.count == 3)
    #expect(plot.links.allSatisfy { isNear(abs($0.to.x - $0.from.x), 10) && isNear($0.to.y, $0.from.y) })
    let arrow = try #require(plot.arrows.first)
    #expect(isNear(abs(arrow.to.x - arrow.from.x), 10) && isNear(arrow.to.y, 0))
  }

  @Test("path: six points of a regular 24-gon step evenly, turn by 15 degrees and lie on its circle")
  func path() throws {
    let rows: [[Float]] = (0..<6).flatMap { position in
      [1.0, 3.0].map { radius in
        let angle = Double(position) * .pi / 12
        return [Float(radius * cos(angle)), Float(radius * sin(angle)), Float(radius)]
      }
    }
    let axes = [Axis("position", .range(start: 0, count: 6)), Axis("token", .strings(["dog", "cat"]))]
    let result = try Path(axis: "position").answer(UnitRows(axes: axes, rows: rows))
    let step = 2 * sin(Double.pi / 24)
    #expect(isNear(try result.value("step_length", ["step": "0"]), 2 * step))
    #expect(try result.finding("step_length", ["step": "0"]).n == 2)
    #expect(isNear(try result.value("turning_angle", ["at": "2"]), 15, within: 1e-4))
    #expect(isNear(try result.value("mean_turning_angle"), 15, within: 1e-4))
    #expect(isNear(try result.value("circle_radius"), 2, within: 1e-4))
    #expect(isNear(try result.value("circle_arc"), 75, within: 1e-4))
    #expect(try result.value("circle_error") < 1e-5)
    #expect(isNear(try result.value("plane_share"), 1))
    #expect(isNear(try result.value("step_length_ratio"), 1, within: 1e-4))
  }

  @Test("path: steps that shrink have Spearman's -1, with the exact p-value of 5 steps, 2 / 120")
  func shrinking() throws {
    let rows: [[Float]] = [[0], [16], [24], [28], [30], [31]].map { $0 + [0] }
    let result = try Path(axis: "position").answer(
      UnitRows(axes: [Axis("position", .range(start: 0, count: 6))], rows: rows))
    let trend = try result.finding("spearman_step_length")
    #expect(trend.value == -1)
    #expect(isNear(try #require(trend.pValue), 2.0 / 120))
    #expect(isNear(try result.value("step_length_ratio"), 1.0 / 16))
  }

  @Test("pairs: a constant difference between two sides is all that keeps pairs apart")
  func pairs() throws {
    let axes = [Axis("pair", .range(start: 1, count: 3)), Axis("language", .strings(["a", "b"]))]
    let rows: [[Float]] = [[3, 0], [3, 4], [0, 3], [0, 7], [6, 6], [6, 10]]
    let result = try Pairs(axis: "language", values: ["a", "b"]).answer(UnitRows(axes: axes, rows: rows))
    #expect(isNear(try result.value("mean_difference_norm"), 4))
    #expect(isNear(try result.value("paired_l2", ["mean_difference": "before"]), 4))
    #expect(isNear(try result.value("paired_l2", ["mean_difference": "after"]), 0))
    #expect(isNear(try result.value("paired_cosine", ["mean_difference": "after"]), 1))
    // cos((3,0), (3,4)) = 0.6; cos((0,3), (0,7)) = 1; cos((6,6), (6,10)) = 16 / √272.
    let expected = (0.6 + 1 + 16 / 272.0.squareRoot()) / 3
    #expect(isNear(try result.value("paired_cosine", ["mean_difference": "before"]), expected))
    #expect(try result.value("retrieval_rate", ["mean_difference": "after"]) == 1)
    // Of (3,4), (0,7) and (6,10): √18, √45 and √45 from each to each.
    let after = try result.value("unpaired_l2", ["mean_difference": "after"])
    let sum = 18.0.squareRoot() + 2 * 45.0.squareRoot()
    #expect(isNear(after, sum / 3))
  }

  /// Two clouds of 60 rows, `apart` away from each other along the first of four dimensions.
  private func clouds(apart: Float) throws -> UnitRows {
    var random = SplitMix64(seed: 3)
    let rows = (0..<120).map { i in
      var row = random.floats(4)
      row[0] += i % 2 == 0 ? 0 : apart
      return row
    }
    let label = Axis.Attribute("label", .strings((0..<120).map { $0 % 2 == 0 ? "right" : "wrong" }))
    return try UnitRows(axes: [Axis("sentence", .range(start: 0, count: 120), attributes: [label])], rows: rows)
  }

  @Test("classes far apart are told by centroids and by a probe; classes that are one are not")
  func classifiers() throws {
    let (apart, same) = (try clouds(apart: 6), try clouds(apart: 0))
    #expect(try Centroids(class: "label").answer(apart).value("accuracy") == 1)
    #expect(try Logistic(class: "label").answer(apart).value("accuracy") == 1)
    #expect(try Logistic(class: "label").answer(apart).value("auc") == 1)
    #expect(try Logistic(class: "label").answer(apart).value("silhouette") > 0.6)
    let chance = try Centroids(class: "label").answer(same).finding("accuracy")
    let interval = try #require(chance.interval)
    #expect(chance.n == 120 && interval.low < 0.6 && interval.high > 0.4)
    #expect(abs(try Logistic(class: "label").answer(same).value("auc") - 0.5) < 0.2)
    #expect(try Centroids(class: "label").answer(apart).value("chance") == 0.5)
  }

  @Test("a class with one value is an error")
  func oneClass() throws {
    let axes = [Axis("sample", .range(start: 0, count: 3)), Axis("language", .strings(["a"]))]
    let units = try UnitRows(axes: axes, rows: [[1], [2], [3]])
    #expect(throws: AnalysisError.self) { try Centroids(class: "language").answer(units) }
    #expect(throws: AnalysisError.self) { try Logistic(class: "language").answer(units) }
  }

  @Test("dimensions: differences that live in two of forty dimensions share them, which chance does not")
  func dimensions() throws {
    var random = SplitMix64(seed: 5)
    let axes = [Axis("token", .range(start: 0, count: 6)), Axis("position", .range(start: 0, count: 2))]
    let rows = (0..<12).map { unit -> [Float] in
      var row = random.floats(40, -0.01...0.01)
      if unit % 2 == 1 {
        row[7] += 3
        row[21] -= 4
      }
      return row
    }
    let result = try Dimensions(class: "position", plus: "1", minus: "0", by: ["token"], top: 2)
      .answer(UnitRows(axes: axes, rows: rows))
    let overlap = try result.finding("top_overlap")
    #expect(overlap.value == 1 && overlap.n == 6)
    #expect(try #require(overlap.pValue) <= 1e-3)
    #expect(try result.value("shared_dimensions") == 2)
    #expect(try result.value("shared_norm_share") > 0.99)
    #expect(try result.value("chance_norm_share") == 0.05)
    #expect(try result.value("mean_cosine") > 0.99)
    guard case .bars(let plot) = try #require(result.figures.first).content else { throw AnalysisError("no bars") }
    #expect(plot.bars.prefix(2).map(\.label) == ["7", "21"])
  }

  @Test("neighbours: the nearest by cosine shares the direction, whatever the length")
  func neighbours() throws {
    let axes = [Axis("token", .strings(["dog", "cat"])), Axis("size", .range(start: 1, count: 3))]
    let rows: [[Float]] = [[1, 0.1], [2, 0], [3, 0], [0, 1], [0.1, 2], [0, 3]]
    let result = try Neighbours().answer(UnitRows(axes: axes, rows: rows))
    #expect(try result.value("nearest_shares", ["label": "token"]) == 1)
    #expect(try result.value("nearest_shares", ["label": "size"]) == 0)
    // Two of the other five share a token, one a size.
    #expect(isNear(try result.value("chance_shares", ["label": "token"]), 0.4))
    #expect(isNear(try result.value("chance_shares", ["label": "size"]), 0.2))
    #expect(isNear(try result.value("norm", ["size": "3"]), 3))
  }
}
