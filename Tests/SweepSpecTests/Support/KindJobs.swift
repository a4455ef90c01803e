import SweepSpec

/// A good job of every kind.
enum KindJobs {
  /// What the jobs read.
  static let files = [
    "pairs.tsv": BadJob.pairs, "classes.tsv": "id\teng_Latn\tlabel\tpair\na\tthe dog\tgood\t1\nb\tdog the\tbad\t1\n",
  ]

  static let all: [String] = [
    BadJob.positionJob, BadJob.corpusJob, BadJob.nullJob,
    BadJob.corpusJob + "  form: pieces\ndecode:\n  languages: [eng_Latn, fra_Latn]\n  method: beam\n",
    decoded(
      """
      kind: position
      language: eng_Latn
      tokens: {ids: {from: 75, to: 80}}
      fillers: {pieces: [▁the]}
      lengths: {from: 2, to: 6, step: 2}
      positions: [1, 0]
      outputs: [embedding, input_state]
      """),
    decoded("kind: corpus\nfile: pairs.tsv\nlanguages: [eng_Latn, spa_Latn]\ntokens: [fra_Latn, eng_Latn]"),
    decoded("kind: labelled\nfile: classes.tsv\nlanguage: eng_Latn"),
    decoded(
      """
      kind: shift
      language: eng_Latn
      tokens: [dog, cat]
      target_tokens: {ids: [75, 80]}
      fillers: [_]
      target_fillers: [the]
      length: 3
      from: [0]
      skip_same_token: true
      """),
    decoded(
      """
      kind: substitution
      language: eng_Latn
      sentences: [the dog sees a dog]
      filler: _
      substitutions:
        - {old: dog, new: cat, grammatical: yes}
        - {new: {id: 80}, position: [1, 4]}
      scales: [0.5, 1]
      """),
    decoded("kind: growth\nlanguage: eng_Latn\ntokens: [dog, cat]\ncounts: {from: 1, to: 2}\nsteps: [0, 3]"),
    decoded(
      """
      kind: noise
      language: eng_Latn
      sentences: {file: pairs.tsv, column: spa_Latn, limit: 1}
      scales: {from: 0, to: 0.5, step: 0.1}
      seeds: [1, 2]
      """),
    decoded(
      """
      kind: interpolation
      languages: [eng_Latn, spa_Latn]
      from: {file: pairs.tsv}
      to: {file: pairs.tsv}
      alphas: [0.25, 1]
      """),
    decoded("kind: scale\nlanguage: eng_Latn\nsentences: {pieces: [dog _ _]}\nalphas: [-1, 0.5]"),
    decoded(
      """
      kind: length
      language: eng_Latn
      lengths: [1, 2]
      samples: 2
      text: [the dog, one]
      repeated: [dog, cat]
      random: {seed: 3, tokens: {ids: {from: 75, to: 80}}}
      """),
    decoded(
      """
      kind: expression
      language: tongue
      form: pieces
      axes:
        tongue: [eng_Latn, spa_Latn]
        word: [dog, cat]
        filler: {ids: [75]}
        count: {from: 0, to: 3}
        alpha: [0, 0.5]
      expression: E("{word} {filler*(count + 1)}") - alpha * (E("{word}", fra_Latn) / 2 + E("the"))
      expect: "{word} {filler*count}"
      noise: {scale: alpha, seed: count}
      """),
  ]

  private static func decoded(_ keys: String) -> String {
    SweepText.yaml(keys) + "decode:\n  languages: [eng_Latn]\n"
  }
}
