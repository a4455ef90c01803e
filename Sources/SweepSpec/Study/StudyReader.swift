import Yams

/// Reads the YAML of a study.
struct StudyReader {
  /// The study, or nil after reporting what is wrong with it.
  func read(_ root: YAMLValue) -> Study? {
    root.mapping { mapping in
      let name = mapping.required("name", "a short name for the results").flatMap(Self.name)
      let jobsValue = mapping.required("jobs", "the jobs to run, as [{job: position.yaml}]")
      let claimsValue = mapping.optional("claims")
      let jobs = jobsValue?.list()?.compactMapAll(entry)
      let claims = claimsValue.map { $0.list()?.compactMapAll(claim) } ?? []
      guard let name, let jobsValue, let jobs, let claims, areDistinct(jobs, jobsValue) else { return nil }
      guard check(claims, claimsValue, jobs) else { return nil }
      do {
        return try Study(name: name, jobs: jobs, claims: claims)
      } catch let problem as StudyOrder.Problem {
        jobsValue.list()?[problem.job].report(problem.description)
      } catch {
        mapping.report("\(error)")
      }
      return nil
    }
  }

  private func entry(_ value: YAMLValue) -> Study.Entry? {
    value.mapping { mapping in
      let file = mapping.required("job", "the job's file, relative to the study's")?.string()
      let nameValue = mapping.optional("name")
      let name = nameValue.map(Self.name) ?? file.map(Self.stem)
      let needs = mapping.optional("needs").map { $0.distinctList { $0.word() } } ?? []
      guard let file, let name, let needs else { return nil }
      return Study.Entry(name: name, file: file, isRenamed: nameValue != nil, needs: needs)
    }
  }

  private func claim(_ value: YAMLValue) -> Claim? {
    value.mapping { mapping in
      let text = mapping.required("claim", "a sentence the finding decides")?.string()
      let source = mapping.required("source", "who says so, and where")?.string()
      let question = mapping.required("finding", "which one, as {job: position, analysis: path, measure: ...}")
        .flatMap(question)
      let condition = mapping.required("holds", "what it must be, as {above: 0.9}").flatMap(condition)
      guard let text, let source, let question, let condition else { return nil }
      return Claim(text: text, source: source, question: question, condition: condition)
    }
  }

  private func question(_ value: YAMLValue) -> Claim.Question? {
    value.mapping { mapping in
      let job = mapping.required("job", "a job of the study, by its name")?.word()
      let analysis = mapping.required("analysis", "the analysis that gives the finding")?.word()
      let measure = mapping.required("measure", "what it measures")?.word()
      let labelsValue = mapping.optional("labels")
      let labels =
        labelsValue.map { $0.entries()?.compactMapAll { label, value in value.word().map { (label, $0) } } } ?? []
      guard let job, let analysis, let measure, let labels else { return nil }
      return Claim.Question(
        job: job, analysis: analysis, measure: measure, labels: Dictionary(labels) { first, _ in first })
    }
  }

  private func condition(_ value: YAMLValue) -> ClaimCondition? {
    value.mapping { mapping in
      let (above, below) = (mapping.optional("above"), mapping.optional("below"))
      let (between, pValue) = (mapping.optional("between"), mapping.optional("p_below"))
      let pBelow = pValue.map { $0.finiteNumber() }
      let bounds: ClaimCondition.Bounds?
      switch (above, below, between) {
      case (let bound?, nil, nil): bounds = bound.finiteNumber().map { .above($0) }
      case (nil, let bound?, nil): bounds = bound.finiteNumber().map { .below($0) }
      case (nil, nil, let list?): bounds = interval(list)
      default:
        mapping.report("give one of above: NUMBER, below: NUMBER and between: [LOW, HIGH]")
        return nil
      }
      guard let bounds, pBelow.map({ $0 != nil }) ?? true else { return nil }
      return ClaimCondition(bounds, pBelow: pBelow ?? nil)
    }
  }

  private func interval(_ value: YAMLValue) -> ClaimCondition.Bounds? {
    guard let ends = value.list()?.compactMapAll({ $0.finiteNumber() }) else { return nil }
    guard ends.count == 2, ends[0] <= ends[1] else {
      value.report("two numbers are needed, the lower first, as [0.4, 0.6]")
      return nil
    }
    return .between(ends[0], ends[1])
  }

  private func areDistinct(_ jobs: [Study.Entry], _ value: YAMLValue) -> Bool {
    var seen: Set<String> = []
    for (i, job) in jobs.enumerated() where !seen.insert(job.name).inserted {
      value.list()?[i].report("a job '\(job.name)' stands there already; give this one another name with name: NAME")
      return false
    }
    return true
  }

  private func check(_ claims: [Claim], _ value: YAMLValue?, _ jobs: [Study.Entry]) -> Bool {
    let names = jobs.map(\.name)
    var isGood = true
    for (i, claim) in claims.enumerated() where !names.contains(claim.question.job) {
      let suggestion = Suggestion.text(for: claim.question.job, among: names)
      value?.list()?[i].report("'\(claim.question.job)' is no job of the study\(suggestion)")
      isGood = false
    }
    return isGood
  }

  private static func stem(_ file: String) -> String {
    let name = file.split(separator: "/").last.map(String.init) ?? file
    return name.hasSuffix(".yaml") ? String(name.dropLast(5)) : name.hasSuffix(".yml") ? String(name.dropLast(4)) : name
  }

  private static func name(_ value: YAMLValue) -> String? {
    guard let name = value.string() else { return nil }
    guard JobID.isName(name) else {
      value.report(
        "'\(name)' is not a name: 1 to 64 letters, digits, dots, dashes and underscores, not starting with a dot")
      return nil
    }
    return name
  }
}

extension YAMLValue {
  /// A finite number in decimal.
  func finiteNumber() -> Double? {
    guard case .scalar(let scalar) = node, scalar.style == .plain,
      scalar.string.allSatisfy({ $0.isASCII && ($0.isNumber || "+-.eE".contains($0)) }),
      let value = Double(scalar.string), value.isFinite
    else {
      report("\(found) was found; a number is needed")
      return nil
    }
    return value
  }
}
