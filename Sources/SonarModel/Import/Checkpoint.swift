/// A checkpoint's tensors by the names its file gives them, and how it numbers tokens.
struct Checkpoint {
  enum Form: String {
    case fairseq2
    case fairseq
    case huggingFace = "Hugging Face"

    /// Row r of fairseq2's table is this row of the checkpoint's, for r = 0 ..< 4; the others are where they are.
    ///
    /// fairseq and Hugging Face both begin `<s>`, `<pad>`, `</s>`, `<unk>`; fairseq2 begins `<pad>`, `<unk>`, `<s>`,
    /// `</s>`.
    var controlRows: [Int] { self == .fairseq2 ? [0, 1, 2, 3] : [1, 3, 0, 2] }
  }

  /// A tensor's bytes in a file, row-major.
  struct Tensor {
    let file: InputFile
    let type: ElementType
    let shape: [Int]
    let bytes: Range<Int>
  }

  /// For messages.
  let path: String
  let form: Form
  let tensors: [String: Tensor]
  /// Every file it was read from, for its provenance.
  let files: [InputFile]

  func has(_ name: String) -> Bool { tensors[name] != nil }
}
