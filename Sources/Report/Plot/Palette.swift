/// The colours of figures and pages. Those of series are Okabe and Ito's (Color Universal Design, 2008), which people with
/// any kind of colour vision can tell apart, without their yellow, which white paper swallows; series also differ in the
/// shape of their marks.
enum Palette {
  static let series = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "ink"]

  /// What changes between light and dark: name, light, dark.
  static let themed: [(name: String, light: String, dark: String)] = [
    ("ink", "#1c1e21", "#e6e7e9"),
    ("muted", "#5b6168", "#a4abb3"),
    ("rule", "#dcdfe3", "#363b41"),
    ("paper", "#ffffff", "#15181b"),
    ("panel", "#f5f6f8", "#1e2226"),
    ("link", "#0060a0", "#6fbdf0"),
    ("pair", "#9aa1a9", "#6b737c"),
    ("differs", "#ffe3a3", "#6a4a00"),
  ]

  /// The rules of figures' classes, given how a colour is written.
  static func rules(_ colour: (String) -> String) -> String {
    var rules = """
      .ink{fill:\(colour("ink"))}
      .muted{fill:\(colour("muted"))}
      .background{fill:\(colour("paper"))}
      .differs{fill:\(colour("differs"))}
      .halo{paint-order:stroke;stroke:\(colour("paper"));stroke-width:3px;stroke-linejoin:round}
      .rule{stroke:\(colour("rule"));fill:none}
      .axis{stroke:\(colour("muted"));fill:none}
      .pair{stroke:\(colour("pair"));stroke-width:.8;fill:none;opacity:.6}
      .arrow{stroke:\(colour("ink"));stroke-width:2.2;fill:none}
      .under{stroke:\(colour("paper"));stroke-width:5;fill:none}
      .absent{fill:none;stroke:\(colour("rule"))}

      """
    for (i, name) in series.enumerated() {
      let value = name.hasPrefix("#") ? name : colour(name)
      rules += ".f\(i){fill:\(value)}.l\(i){stroke:\(value);fill:none}\n"
    }
    return rules
  }

  /// For a page: colours are custom properties of the page.
  static var pageRules: String { rules { "var(--\($0))" } }

  /// For an SVG file of its own, with the colours in place, since few drawing programs know custom properties.
  static var fileRules: String {
    let light = Dictionary(uniqueKeysWithValues: themed.map { ($0.name, $0.light) })
    let dark = Dictionary(uniqueKeysWithValues: themed.map { ($0.name, $0.dark) })
    return rules { light[$0] ?? "#000" } + "@media (prefers-color-scheme:dark){\n" + rules { dark[$0] ?? "#fff" }
      + "}\n"
  }

  static func fill(_ series: Int) -> String { "f\(series % Self.series.count)" }
  static func line(_ series: Int) -> String { "l\(series % Self.series.count)" }

  /// Viridis (van der Walt and Smith, 2015; public domain) at ten even steps: dark to light in order of brightness, so it
  /// survives grey copies.
  private static let viridis: [(Double, Double, Double)] = [
    (68, 1, 84), (72, 40, 120), (62, 74, 137), (49, 104, 142), (38, 130, 142), (31, 158, 137), (53, 183, 121),
    (109, 205, 89), (180, 222, 44), (253, 231, 37),
  ]

  /// The colour at a share of the scale, 0 to 1, and whether text on it is white.
  static func shade(_ share: Double) -> (colour: String, isDark: Bool) {
    let place = max(0, min(1, share)) * Double(viridis.count - 1)
    let (from, to) = (viridis[Int(place)], viridis[min(Int(place) + 1, viridis.count - 1)])
    let rest = place - place.rounded(.down)
    func mix(_ a: Double, _ b: Double) -> Int { Int((a + (b - a) * rest).rounded()) }
    let parts = [mix(from.0, to.0), mix(from.1, to.1), mix(from.2, to.2)]
    let hex = parts.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    return ("#" + hex, share < 0.62)
  }
}
