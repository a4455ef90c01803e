import Foundation
import SonarModel
import SweepSpec
import Testing

@Suite("The vectors section of a job")
struct VectorSectionTests {
  /// A job whose vector `v` is made as `form` says, and used by a `scale` sweep or, a table, by an `expression`.
  private static func yaml(_ form: String, isTable: Bool = false) -> String {
    let sweep =
      isTable
      ? "{kind: expression, language: eng_Latn, axes: {row: [0, 1, 2]}, expression: 'v[row]'}"
      : "{kind: scale, language: eng_Latn, sentences: [the dog], alphas: [1], vector: v}"
    return "name: uses\nvectors:\n  v: \(form)\nsweep: \(sweep)\n"
  }

  private func base(precision: String = "fp32") throws -> TestRun {
    TestRun(try JobDirectory(TestRun.yaml + "\nprecision: \(precision)\n").load())
  }

  private func load(
    _ form: String, isTable: Bool = false, files: [String: Data] = [:], run: TestRun? = nil
  ) throws -> Job {
    let directory = try JobDirectory(Data(Self.yaml(form, isTable: isTable).utf8), files: files)
    return try JobFile.load(
      directory.url.appending(path: "job.yaml"), model: nil, library: JobDirectory.library,
      runs: TestRuns(run: run ?? base()), fitting: TestFitting())
  }

  private func vector(_ job: Job) throws -> [Float] {
    let reference = try #require(job.spec.sweep.kind.vectors.first)
    return try reference.vector(in: job.assets).values
  }

  private func table(_ job: Job) throws -> [String: NamedVector] {
    let reference = try #require(job.spec.sweep.kind.vectors.first)
    return try reference.table(in: job.assets)
  }

  private func check(
    _ form: String, key: String, says: String, isTable: Bool = false, files: [String: Data] = [:],
    run: TestRun? = nil, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let error = try #require(throws: JobError.self, sourceLocation: sourceLocation) {
      try load(form, isTable: isTable, files: files, run: run)
    }
    // The sweep cannot find the vector either; what is wrong with the vector comes first.
    let first = try #require(error.diagnostics.first)
    #expect(first.key == key, "\(error)", sourceLocation: sourceLocation)
    #expect(first.message.contains(says), "\(error)", sourceLocation: sourceLocation)
    #expect(first.line == 3, sourceLocation: sourceLocation)
  }

  @Test("a file's values, as they are")
  func file() throws {
    let values = (0..<256).map { Float($0) / 7 }
    let content = NPYArray(shape: [256], values: values).content
    let job = try load("{file: d.npy}", files: ["d.npy": content])
    #expect(try vector(job) == values)
    #expect(job.assets.all.values.contains(content))
  }

  @Test("a file with rows is a table, labelled as the job says or from 0")
  func fileTable() throws {
    let array = NPYArray(shape: [3, 256], values: (0..<768).map(Float.init))
    let files = ["t.npy": array.content]
    #expect(try table(load("{file: t.npy}", isTable: true, files: files))["2"]?.values == array.values.suffix(256))
    let named = try load("{file: {path: t.npy, rows: [2, 1, 0]}}", isTable: true, files: files)
    #expect(try table(named)["2"]?.values == Array(array.values.prefix(256)))
  }

  @Test("a difference of two sequences is what the model gives for them")
  func difference() throws {
    let job = try load("{difference: {plus: [cat, _], minus: the dog sleeps, language: eng_Latn}}")
    let model = try SonarModel(JobDirectory.library.model(named: "sonar-mini"))
    let embeddings = try model.encode([
      TokenSequence(language: "eng_Latn", .tokens([.word("cat"), .word("_")])).ids(in: model.tokenizer),
      TokenSequence(language: "eng_Latn", .text("the dog sleeps")).ids(in: model.tokenizer),
    ])
    #expect(try vector(job) == zip(embeddings[0], embeddings[1]).map { $0 - $1 })
  }

  @Test("a mean difference over a corpus: each column in its language")
  func corpusDifference() throws {
    let corpus = Data("id\teng_Latn\tspa_Latn\na\tthe dog\tel perro\nb\tthe cat\tel gato\n".utf8)
    let job = try load("{mean_difference: {file: c.tsv, plus: spa_Latn, minus: eng_Latn}}", files: ["c.tsv": corpus])
    let model = try SonarModel(JobDirectory.library.model(named: "sonar-mini"))
    func mean(_ language: LanguageCode, _ texts: [String]) throws -> [Double] {
      let all = try model.encode(
        texts.map { try TokenSequence(language: language, .text($0)).ids(in: model.tokenizer) })
      return (0..<256).map { j in all.reduce(0) { $0 + Double($1[j]) } / Double(all.count) }
    }
    let (plus, minus) = (
      try mean("spa_Latn", ["el perro", "el gato"]), try mean("eng_Latn", ["the dog", "the cat"])
    )
    for (found, expected) in zip(try vector(job), zip(plus, minus).map { $0 - $1 }) {
      #expect(abs(Double(found) - expected) < 1e-6)
    }
  }

  /// Units of the base run: token × 6 + filler × 3 + position.
  @Test("a mean over axes of a run has a row per label of the axis that is left")
  func meanTable() throws {
    let rows = try table(load("{mean: {run: base, over: [token, filler]}}", isTable: true))
    #expect(Set(rows.keys) == ["0", "1", "2"])
    // Units 0, 3, 6, 9 at position 0.
    #expect(rows["0"]?.values.prefix(3) == [4.5, 31.5, 1])
    #expect(rows["2"]?.values[0] == 6.5)
  }

  @Test("a mean over all axes, or with the others held, is one vector")
  func meanVector() throws {
    #expect(try vector(load("{mean: {run: base, over: [token, filler, position]}}"))[0] == 5.5)
    let held = "{mean: {run: base, over: [token], where: {filler: the, position: 2}}}"
    #expect(try vector(load(held))[0] == 8)
  }

  @Test("'where' with several labels restricts an axis, and keeps its rows")
  func meanWhere() throws {
    let form = "{mean: {run: base, over: [token], where: {filler: [the], position: [0, 1, 2]}}}"
    #expect(try table(load(form, isTable: true)).mapValues { $0.values[0] } == ["0": 6, "1": 7, "2": 8])
  }

  @Test("units that are not done are left out of a mean")
  func missing() throws {
    var run = try base()
    run.missing = [0, 3]
    let rows = try table(load("{mean: {run: base, over: [token, filler]}}", isTable: true, run: run))
    #expect(rows["0"]?.values[0] == 7.5)
    run.missing = [0, 3, 6, 9]
    try check(
      "{mean: {run: base, over: [token, filler]}}", key: "vectors.v.mean", says: "for '0' is done", isTable: true,
      run: run)
  }

  @Test("a mean difference of two parts of a run")
  func runDifference() throws {
    let form = "{mean_difference: {run: base, plus: {token: cat, position: [1, 2]}, minus: {token: dog}}}"
    // Units 7, 8, 10, 11 less units 0 to 5.
    #expect(try vector(load(form))[0] == 9 - 2.5)
  }

  @Test("a probe's weights, asked of what can fit one")
  func weights() throws {
    #expect(try vector(load("{weights: {run: base, class: token, where: {filler: [_, the]}}}"))[5] == 2)
    try check("{weights: {run: base, class: position}}", key: "vectors.v.weights", says: "has three values")
  }

  @Test("the job's id depends on the vector's values, not on how they came about")
  func identity() throws {
    let run = try base()
    let mean = try load("{mean: {run: base, over: [token, filler, position]}}", run: run)
    let content = NPYArray(shape: [256], values: try vector(mean)).content
    #expect(try load("{file: m.npy}", files: ["m.npy": content]).id == mean.id)
    var other = run
    other.missing = [1]
    #expect(try load("{mean: {run: base, over: [token, filler, position]}}", run: other).id != mean.id)
  }

  @Test("vectors of another precision, and so another model, are refused; a file's are taken as they are")
  func otherModel() throws {
    let run = try base(precision: "bf16")
    try check(
      "{mean: {run: base, over: [token, filler, position]}}", key: "vectors.v.mean.run",
      says: "sonar-mini (bf16, 256 values", run: run)
  }

  @Test("a planned run stands for one that is yet to come")
  func planned() throws {
    struct Planned: RunVectors {
      let job: Job
      func run(named name: String) throws -> any RunEmbeddings { PlannedRun(job) }
    }
    let directory = try JobDirectory(Self.yaml("{mean: {run: base, over: [token, filler]}}", isTable: true))
    let job = try JobFile.load(
      directory.url.appending(path: "job.yaml"), model: nil, library: JobDirectory.library,
      runs: Planned(job: base().job))
    #expect(Set(try table(job).keys) == ["0", "1", "2"])
  }

  @Test(
    "every mistake is told at its key",
    arguments: [
      ("{file: none.npy}", "vectors.v.file", "cannot be read"),
      ("{file: short.npy}", "vectors.v", "the vector has 3 values, embeddings of sonar-mini have 256"),
      ("{file: text.npy}", "vectors.v.file", "no .npy file"),
      ("{file: nan.npy}", "vectors.v", "not finite"),
      ("{file: {path: short.npy, rows: [a]}}", "vectors.v.file.rows", "has no rows"),
      ("{file: cube.npy}", "vectors.v.file", "has the shape [1, 1, 256]"),
      ("{fil: x.npy}", "vectors.v", "made in one way"),
      ("{file: short.npy, mean: {}}", "vectors.v", "made in one way"),
      ("{difference: {plus: [speaker], minus: [dog], language: eng_Latn}}", "vectors.v.difference.plus[0]", "2 pieces"),
      ("{difference: {plus: [cat], minus: [dog], language: xxx_Latn}}", "vectors.v.difference.language", "xxx_Latn"),
      ("{difference: {plus: [cat], minus: [dog]}}", "vectors.v.difference", "'language' is missing"),
      ("{mean_difference: {plus: spa_Latn, minus: eng_Latn}}", "vectors.v.mean_difference", "'file'"),
      (
        "{mean_difference: {file: c.tsv, plus: fra_Latn, minus: eng_Latn}}", "vectors.v.mean_difference.plus",
        "no column 'fra_Latn'"
      ),
      ("{mean: {run: bases, over: [token]}}", "vectors.v.mean.run", "run that job first"),
      ("{mean: {run: base, over: [token]}}", "vectors.v.mean.over", "filler and position remain"),
      ("{mean: {run: base, over: [tokn]}}", "vectors.v.mean.over[0]", "Did you mean 'token'?"),
      (
        "{mean: {run: base, over: [token], where: {fillr: the, position: 1}}}", "vectors.v.mean.where.fillr",
        "Did you mean 'filler'?"
      ),
      (
        "{mean: {run: base, over: [token], where: {filler: teh, position: 1}}}", "vectors.v.mean.where.filler",
        "has no 'teh'; it has _, the"
      ),
      ("{weights: {run: base, class: label}}", "vectors.v.weights.class", "'label' is not known"),
    ])
  func mistakes(form: String, key: String, says: String) throws {
    var values = [Float](repeating: 0, count: 256)
    let cube = NPYArray(shape: [1, 1, 256], values: values).content
    values[9] = .nan
    try check(
      form, key: key, says: says,
      files: [
        "short.npy": NPYArray(shape: [3], values: [1, 2, 3]).content, "text.npy": Data("no array".utf8),
        "nan.npy": NPYArray(shape: [256], values: values).content, "cube.npy": cube, "c.tsv": Data(BadJob.pairs.utf8),
      ])
  }

  @Test("a name is one that an expression can use")
  func names() throws {
    let yaml = Self.yaml("{file: d.npy}").replacing("  v:", with: "  1v:")
    let error = try #require(throws: JobError.self) { try JobDirectory(yaml).load() }
    #expect(error.diagnostics[0].key == "vectors.1v")
  }

  @Test("without a model there are no vectors")
  func noModel() throws {
    let yaml = "name: n\nmodel: none\nvectors: {v: {file: d.npy}}\nsweep: {kind: null-probe, units: 1}\n"
    let error = try #require(throws: JobError.self) { try JobDirectory(yaml).load() }
    #expect(error.diagnostics[0].key == "vectors")
  }
}
