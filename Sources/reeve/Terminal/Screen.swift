import Glibc

/// What can be done on one of the standard streams: whether it is a terminal, how wide, and whether in colour.
struct Screen {
    enum Colour: Int { case red = 31, green = 32 }

    let isTerminal: Bool
    /// Columns; nil means that lines may be as long as they are, as in a pipe.
    let width: Int?
    private let hasColour: Bool

    static let output = Screen(STDOUT_FILENO)
    static let errors = Screen(STDERR_FILENO)

    /// Colours need a terminal that is not `dumb`, and no `NO_COLOR` (no-color.org). `COLUMNS` goes before what the
    /// terminal says.
    private init(_ descriptor: Int32) {
        let isTerminal = isatty(descriptor) == 1
        let isDumb = Environment.value("TERM") ?? "dumb" == "dumb"
        self.isTerminal = isTerminal
        hasColour = isTerminal && !isDumb && Environment.value("NO_COLOR") == nil
        width = isTerminal ? Self.columns(descriptor) : nil
    }

    /// What others wrote, without what steers a terminal or turns the direction of text.
    static func plain(_ text: String) -> String {
        let steering: [ClosedRange<UInt32>] = [
            0...0x1f, 0x7f...0x9f, 0x61c...0x61c, 0x200b...0x200f, 0x2028...0x202e, 0x2066...0x2069,
            0xfeff...0xfeff,
        ]
        let kept = text.unicodeScalars.filter { scalar in
            !steering.contains { $0.contains(scalar.value) }
        }
        return String(String.UnicodeScalarView(kept))
    }

    func painted(_ text: String, _ colour: Colour) -> String {
        hasColour ? "\u{1b}[\(colour.rawValue)m\(text)\u{1b}[0m" : text
    }

    private static func columns(_ descriptor: Int32) -> Int? {
        if let text = Environment.value("COLUMNS"), let number = Int(text), number > 0 { return number }
        var size = winsize()
        guard unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }
}
