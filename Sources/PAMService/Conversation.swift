package import Names
package import PAMProtocol
package import Posix

/// The worker's side of a conversation: what modules say goes to the server, and its answers come back.
package final class Conversation {
    /// Most calls of modules that ask; a stack that asks more often does not end.
    package static let mostRounds = 32
    /// Most that only tell.
    package static let mostTellings = 64
    /// Milliseconds that an opening may take to come.
    private static let openingPatience: UInt64 = 10_000

    private let channel: PAMChannel
    private let deadline: Deadline
    private var rounds = 0
    private var tellings = 0
    private var user: [UInt8] = []
    private var shown: [UInt8] = []

    /// Why it cannot go on; what the stack says after that is no matter.
    package private(set) var fault: String?

    package init(_ channel: PAMChannel, deadline: Deadline) {
        self.channel = channel
        self.deadline = deadline
    }

    /// The first frame.
    package func opening() throws(PAMFault) -> PAMOpening {
        let frame = try channel.receive(before: .after(milliseconds: Self.openingPatience))
        guard case .begin(let opening) = try PAMRequest(frame) else { throw .malformed("no opening") }
        return opening
    }

    /// From now on messages show the name that was typed in place of the user that the stack is asked as.
    package func stand(_ user: String, as shown: String) {
        self.user = Array(user.utf8)
        self.shown = Array(shown.utf8)
    }

    /// One call of a module.
    ///
    /// - Returns: An answer to each message, empty for those that are only read; nil ends the stack.
    package func exchange(_ messages: [PAMMessage]) -> [Secret<[UInt8]>]? {
        guard fault == nil else { return nil }
        do {
            let said = messages.map { $0.renamed(from: user, to: shown) }
            guard said.contains(where: \.style.isAnswered) else {
                try tell(said)
                return messages.map { _ in Secret([]) }
            }
            return try ask(said)
        } catch {
            return fail("the server has gone")
        }
    }

    /// A module did what it must not; nothing that it says counts any more.
    package func fail(_ reason: String) -> [Secret<[UInt8]>]? {
        fault = fault ?? reason
        return nil
    }

    package func end(_ verdict: PAMVerdict) { try? channel.send(PAMReply.ended(verdict).frame) }

    private func tell(_ messages: [PAMMessage]) throws(PAMFault) {
        tellings += 1
        guard tellings <= Self.mostTellings else {
            _ = fail("it tells too often")
            return
        }
        try channel.send(PAMReply.tell(messages).frame)
    }

    private func ask(_ messages: [PAMMessage]) throws(PAMFault) -> [Secret<[UInt8]>]? {
        rounds += 1
        guard rounds <= Self.mostRounds else { return fail("it asks too often") }
        try channel.send(PAMReply.ask(messages).frame)
        guard case .answers(let answers) = try PAMRequest(try channel.receive(before: deadline)),
            answers.count == messages.count(where: \.style.isAnswered)
        else { return fail("the server answered something else") }
        var rest = answers[...]
        return messages.map { $0.style.isAnswered ? rest.popFirst() ?? Secret([]) : Secret([]) }
    }
}
