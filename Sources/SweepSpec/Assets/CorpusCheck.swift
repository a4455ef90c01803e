import Foundation
import SonarModel

/// Checks a corpus before a job starts, reporting mistakes with the file's own name and lines.
struct CorpusCheck {
  let file: String
  let sides: [(language: LanguageCode, column: String)]
  let form: CorpusForm
  let context: JobContext

  /// - Parameters:
  ///   - languages: the job's list of languages, where a column missing for want of `columns` is reported.
  ///   - columns: the job's naming of columns.
  func passes(_ content: Data, languages: YAMLValue?, columns: YAMLValue?) -> Bool {
    do {
      let table = try CorpusTable(content)
      return hasColumns(table, languages, columns) && hasGoodRows(table)
    } catch let problem as CorpusTable.Problem {
      context.report(file: file, line: problem.line, key: "", problem.message)
    } catch {
      context.report(file: file, line: 0, key: "", "\(error)")
    }
    return false
  }

  private func hasColumns(_ table: CorpusTable, _ languages: YAMLValue?, _ columns: YAMLValue?) -> Bool {
    let missing = sides.filter { !table.columns.contains($0.column) }
    for side in missing {
      let problem = "\(file) has no column '\(side.column)'; "
      let known = "it has \(table.columns.joined(separator: ", "))"
      if table.columns.count == 1 {
        languages?.report("\(problem)its header has no tab; columns are separated by tabs")
      } else if let named = columns?.value(of: side.language.rawValue) {
        named.report(problem + known)
      } else {
        languages?.report("\(problem)\(known). Name the column with columns: {\(side.language): NAME}")
      }
    }
    return missing.isEmpty
  }

  /// Every cell must be a sequence the model can read; pair ids must differ.
  private func hasGoodRows(_ table: CorpusTable) -> Bool {
    var good = true
    func report(_ row: CorpusTable.Row, _ column: String, _ message: String) {
      context.report(file: file, line: row.line, key: column, message)
      good = false
    }
    var seen: [String: Int] = [:]
    let idColumn = table.columns.firstIndex(of: "id")
    for row in table.rows {
      if let id = idColumn.map({ row.cells[$0] }), let first = seen.updateValue(row.line, forKey: id) {
        report(row, "id", "'\(id)' stands in line \(first) already; a pair's id stands there once")
      }
      for (language, column) in sides {
        guard let index = table.columns.firstIndex(of: column) else { continue }
        do {
          guard row.cells[index].contains(where: { !$0.isWhitespace }) else { throw SweepError("the cell is empty") }
          let sequence = TokenSequence(language: language, try form.content(of: row.cells[index]))
          if let tokenizer = context.tokenizer { _ = try sequence.contentIDs(in: tokenizer) }
        } catch {
          report(row, column, "\(error)")
        }
      }
    }
    return good
  }
}
