package import PAMProtocol
import Posix

/// A process for one conversation with the stack, which then ends.
package struct Worker {
    /// The descriptor on which it is talked to.
    package static let descriptor: Int32 = 3
    /// Bytes that it, and each helper of a module, may write to.
    private static let memory: UInt64 = 536_870_912

    private let service: String
    private let folder: String?
    private let standIn: String
    private let seconds: UInt64

    /// - Parameters:
    ///   - service: Name of the stack, a file in /etc/pam.d.
    ///   - folder: Where that file is instead.
    ///   - standIn: Whom the stack is asked as where nobody may sign in.
    ///   - seconds: How long all of it may take.
    package init(service: String, folder: String?, standIn: String, seconds: UInt64) {
        self.service = service
        self.folder = folder
        self.standIn = standIn
        self.seconds = seconds
    }

    /// Takes rights away, then converses.
    package func run(parent: Int32) throws {
        try ProcessHardening.closeMemory()
        try ProcessHardening.limitMemory(bytes: Self.memory)
        try ProcessHardening.endWithParent(parent)
        // What a module's helper leaves stays below this process until that ends, and is seen by the parent then.
        try ProcessHardening.adoptOrphans()
        let connection = try UnixConnection(inherited: Self.descriptor)
        try converse(PAMChannel(connection))
    }

    package func converse(_ channel: PAMChannel) throws(PAMFault) {
        let conversation = Conversation(channel, deadline: .after(milliseconds: seconds * 1_000))
        let opening = try conversation.opening()
        let account = Account(for: opening, standIn: standIn) { name in
            // Where nobody can say which user it is, it may be root.
            do throws(PosixError) { return try PosixUser(named: name).uid } catch {
                return error.isAbsent ? nil : 0
            }
        }
        conversation.stand(account.user, as: opening.shown)
        let stack = Stack(service: service, folder: folder, account: account, source: opening.source)
        conversation.end(stack.run(conversation))
    }
}
