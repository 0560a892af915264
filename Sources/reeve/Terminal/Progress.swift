/// Says how far a long thing is: on standard error, only if that is a terminal, only after the first second, and ten
/// times a second at most. The line is gone when this value is.
final class Progress {
    private let what: String
    private let screen: Screen
    private var next: ContinuousClock.Instant
    private var isShown = false

    init(_ what: String, on screen: Screen = .errors) {
        self.what = what
        self.screen = screen
        next = .now + .seconds(1)
    }

    deinit { clear() }

    func report(_ done: UInt64, of total: UInt64? = nil) {
        guard screen.isTerminal, ContinuousClock.now >= next else { return }
        next = .now + .milliseconds(100)
        isShown = true
        let count = total.map { "\(done) of \($0)" } ?? "\(done)"
        Output.write("\r\(count) \(what)")
    }

    /// Takes the line away, before something else is written.
    func clear() {
        guard isShown else { return }
        isShown = false
        Output.write("\r" + String(repeating: " ", count: 44 + what.count) + "\r")
    }
}
