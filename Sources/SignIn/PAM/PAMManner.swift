import PAMProtocol

/// What the stack asks of people it knows, round by round, as it was seen last.
///
/// A stack that turns somebody down without asking would say that it does not know them, or that an answer was wrong: so the
/// rounds that others are asked are played on, and the refusal comes at the end. What is played is what any stranger sees who
/// types a name that is known: of later rounds the questions alone, and none with a number in it.
struct PAMManner: Sendable {
    private static let mostRounds = 8
    /// Stands for the name that was typed; no message has one.
    private static let name: [UInt8] = [0]

    private var rounds: [[PAMMessage]] = []

    /// Somebody who may sign in was asked this.
    mutating func saw(_ messages: [PAMMessage], round: Int, of shown: String) {
        guard round <= rounds.count, round < Self.mostRounds else { return }
        let seen = messages.filter { round == 0 || $0.style.isAnswered }.map { message in
            let text = message.renamed(from: Array(shown.utf8), to: Self.name).text
            return PAMMessage(message.style, round > 0 && text.contains(where: Self.isDigit) ? [] : text)
        }
        rounds.replaceSubrange(round..<min(round + 1, rounds.count), with: [seen])
    }

    /// Somebody proved themselves after so many rounds: nobody is asked more.
    mutating func wasEnough(_ count: Int) { rounds.removeLast(max(0, rounds.count - count)) }

    /// What is asked in this round; nil where nothing is.
    func round(_ round: Int, of shown: String) -> [PAMMessage]? {
        guard round < rounds.count else { return nil }
        return rounds[round].map { $0.renamed(from: Self.name, to: Array(shown.utf8)) }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
