import SonarModel
import Testing

@Suite("Philox4x32-10")
struct PhiloxTests {
  @Test(
    "the known answers of its authors' library, Random123",
    arguments: [
      (0, [0, 0, 0, 0], [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
      (
        .max, [.max, .max, .max, .max], [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]
      ),
      (
        0x299f_31d0_a409_3822, [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
        [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
      ),
    ] as [(UInt64, [UInt32], [UInt32])])
  func known(seed: UInt64, counter: [UInt32], answer: [UInt32]) {
    let block = Philox(seed: seed).block((counter[0], counter[1], counter[2], counter[3]))
    #expect([block.0, block.1, block.2, block.3] == answer)
  }

  @Test("uniform numbers are between 0 and 1 and never either")
  func uniform() {
    #expect(Philox.uniform(0) > 0)
    #expect(Philox.uniform(.max) < 1)
    #expect(Philox.uniform(1 << 63) > 0.5 && Philox.uniform(1 << 63) < 0.5 + 0x1p-52)
  }
}
