import Analysis
import SweepSpec
import Testing

@Test("no two analyses have the same name")
func distinctNames() {
  let names = Analyses.all.map { $0.name }
  #expect(Set(names).count == names.count)
}
