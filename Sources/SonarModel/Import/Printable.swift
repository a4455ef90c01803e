/// Bytes from a file, for a message: at most 120 characters, without anything a terminal would obey.
func printable(_ bytes: some Collection<UInt8>) -> String {
  printable(String(decoding: bytes.prefix(480), as: UTF8.self))
}

/// Text from a file, for a message: at most 120 characters, without anything a terminal would obey.
func printable(_ text: String) -> String {
  let harmless = text.unicodeScalars.prefix(120).map { scalar in
    scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format ? "?" : scalar
  }
  return String(String.UnicodeScalarView(harmless)) + (text.unicodeScalars.count > 120 ? "..." : "")
}
