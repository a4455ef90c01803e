import Foundation

/// Whether a model is what it should be: its files against `SHA256SUMS`, and what it computes against the values Meta
/// published (a model of the sizes of Meta's SONAR) or against its own `golden.json`.
public struct ModelVerification {
  private let directory: ModelDirectory
  private let threads: Int

  /// - Parameter threads: of a matrix product.
  public init(_ directory: ModelDirectory, threads: Int = 1) {
    (self.directory, self.threads) = (directory, threads)
  }

  /// Every check, in order; each is handed to `report` as it is done. A model that cannot be loaded is a failed check.
  @discardableResult
  public func run(report: (ModelCheck) -> Void = { _ in }) -> [ModelCheck] {
    var checks: [ModelCheck] = []
    func add(_ check: ModelCheck) {
      checks.append(check)
      report(check)
    }
    fileChecks().forEach(add)
    do {
      let model = try SonarModel(directory, threads: threads)
      add(.pass("load", if: true, "dim \(model.config.modelDim), \(model.config.languages.count) languages"))
      let published = PublishedValues.apply(to: model)
      let golden = GoldenValues.exist(for: directory)
      if published { try PublishedValues(model).check(add) }
      if golden { try GoldenValues(model).check(add) }
      if !published, !golden {
        add(
          ModelCheck(
            name: "values", outcome: .skipped,
            detail: "it has neither the sizes of Meta's SONAR nor a golden.json; files and shapes were checked, what "
              + "it computes could not be"))
      }
    } catch {
      add(.pass("run", if: false, "\(error)"))
    }
    return checks
  }

  private func fileChecks() -> [ModelCheck] {
    do {
      return try directory.checkSums().sorted { $0.key < $1.key }.map { file, state in
        switch state {
        case .ok: .pass("file \(file)", if: true, "as SHA256SUMS says")
        case .changed: .pass("file \(file)", if: false, "not the file SHA256SUMS lists")
        case .missing: .pass("file \(file)", if: false, "SHA256SUMS lists it, but it is not there")
        case .notListed: ModelCheck(name: "file \(file)", outcome: .skipped, detail: "not listed in SHA256SUMS")
        }
      }
    } catch {
      return [.pass("files", if: false, "\(error)")]
    }
  }
}
