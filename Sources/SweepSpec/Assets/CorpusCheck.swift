import Foundation
import SonarModel

/// Checks a corpus before a job starts, reporting mistakes with the file's own name and lines.
struct CorpusCheck {
  let file: String
  let sides: [(language: LanguageCode, column: String)]
  let form: CorpusForm
  /// How many rows count; all where nil.
  var limit: Int?
  let context: JobContext

  /// - Parameter place: where a side's missing column is reported, and what a user could do about it.
  func passes(_ content: Data, place: (LanguageCode) -> (value: YAMLValue?, advice: String)) -> Bool {
    do {
      let table = try CorpusTable(content)
      return hasColumns(table, place) && hasGoodRows(table)
    } catch let problem as CorpusTable.Problem {
      context.report(file: file, line: problem.line, key: "", problem.message)
    } catch {
      context.report(file: file, line: 0, key: "", "\(error)")
    }
    return false
  }

  private func hasColumns(
    _ table: CorpusTable, _ place: (LanguageCode) -> (value: YAMLValue?, advice: String)
  ) -> Bool {
    let missing = sides.filter { !table.columns.contains($0.column) }
    for side in missing {
      let (value, advice) = place(side.language)
      // A file of one column may be meant so, or have commas.
      let hint = table.columns.count == 1 ? " (its header has no tab; columns are separated by tabs)" : ""
      let known = "it has \(table.columns.joined(separator: ", "))\(hint)\(advice)"
      value?.report("\(file) has no column '\(side.column)'; \(known)")
    }
    return missing.isEmpty
  }

  /// Every cell must be a sequence the model can read; ids must differ.
  private func hasGoodRows(_ table: CorpusTable) -> Bool {
    var good = true
    func report(_ row: CorpusTable.Row, _ column: String, _ message: String) {
      context.report(file: file, line: row.line, key: column, message)
      good = false
    }
    var seen: [String: Int] = [:]
    let idColumn = table.columns.firstIndex(of: "id")
    for row in table.rows.prefix(limit ?? .max) {
      if let id = idColumn.map({ row.cells[$0] }), let first = seen.updateValue(row.line, forKey: id) {
        report(row, "id", "'\(id)' stands in line \(first) already; an id stands there once")
      }
      for (_, column) in sides {
        guard let index = table.columns.firstIndex(of: column) else { continue }
        do {
          try form.check(row.cells[index], in: context.tokenizer)
        } catch {
          report(row, column, "\(error)")
        }
      }
    }
    return good
  }
}
