import Foundation

/// A terminal that gives every key at once and shows a screen of its own; as it was before once it is restored.
final class RawTerminal {
  private var former = termios()
  private var isRaw = false

  /// - Throws: `CommandError` where standard input and output are no terminal.
  init() throws {
    guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1, tcgetattr(STDIN_FILENO, &former) == 0 else {
      throw CommandError("top needs a terminal; 'sonarsweep status' and 'sonarsweep jobs --output json' do not")
    }
    var raw = former
    cfmakeraw(&raw)
    guard tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw) == 0 else {
      throw CommandError("the terminal cannot be set up: \(String(cString: strerror(errno)))")
    }
    isRaw = true
    // The other screen, no cursor, no wrapping of long lines.
    write("\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l")
  }

  deinit { restore() }

  func restore() {
    guard isRaw else { return }
    isRaw = false
    write("\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l")
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &former)
  }

  /// Columns and rows; 80 by 24 where the terminal does not say.
  var size: (width: Int, height: Int) {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return (80, 24) }
    return (Int(size.ws_col), Int(size.ws_row))
  }

  /// Replaces what is shown by lines that fill the screen. Nothing is erased: at the end of a full line that would take
  /// its last character.
  func show(_ lines: [String]) { write("\u{1B}[H" + lines.joined(separator: "\r\n")) }

  /// What was typed; nil at the end of input.
  func read() -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: 256)
    let count = Foundation.read(STDIN_FILENO, &bytes, bytes.count)
    if count < 0, errno == EINTR || errno == EAGAIN { return [] }
    return count > 0 ? Array(bytes.prefix(count)) : nil
  }

  private func write(_ text: String) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Foundation.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }
}
