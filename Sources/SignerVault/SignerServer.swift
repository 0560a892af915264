package import Posix
import SSHFormats
import SignerProtocol
import Synchronization

/// The signer's socket: a blocking thread per connection, few connections, nobody but the named users.
package final class SignerServer: Sendable {
    /// Most connections at a time.
    package static let connectionLimit = 16
    /// How long a client may take to fetch its replies, in milliseconds.
    private static let patience: UInt64 = 5_000
    private static let readLimit = 65_536

    private let vault: VaultDoor
    private let listener: UnixListener
    private let admitted: Set<UInt32>
    private let now: @Sendable () -> UInt64
    private let log: @Sendable (String) -> Void
    private let connections = Mutex(0)

    /// - Parameters:
    ///   - admitted: Users that may connect (SO_PEERCRED); everyone else is turned away, root too.
    ///   - now: Wall clock, seconds since 1970 UTC.
    ///   - log: Takes whole lines.
    package init(
        _ vault: VaultDoor, listener: UnixListener, admitted: Set<UInt32>,
        now: @escaping @Sendable () -> UInt64,
        log: @escaping @Sendable (String) -> Void
    ) {
        self.vault = vault
        self.listener = listener
        self.admitted = admitted
        self.now = now
        self.log = log
    }

    package convenience init(
        _ vault: Vault, listener: UnixListener, admitted: Set<UInt32>, now: @escaping @Sendable () -> UInt64,
        log: @escaping @Sendable (String) -> Void
    ) {
        self.init(VaultDoor(vault), listener: listener, admitted: admitted, now: now, log: log)
    }

    /// Serves until the process ends. A fault of one connection ends that connection only.
    package func run() {
        while true {
            do {
                try admit(try listener.accept())
            } catch {
                log("{\"time\":\(now()),\"event\":\"trouble\",\"reason\":\(JSONText.quoted("\(error)"))}\n")
                BlockingThread.pause(milliseconds: 100)
            }
        }
    }

    private func admit(_ connection: UnixConnection) throws(PosixError) {
        let peer = try connection.peer()
        guard admitted.contains(peer.uid) else { return refuse(connection, "this user may not connect") }
        let isFree = connections.withLock { count in
            guard count < Self.connectionLimit else { return false }
            count += 1
            return true
        }
        guard isFree else { return refuse(connection, "more than \(Self.connectionLimit) connections") }
        do {
            try BlockingThread.start { [self] in
                serve(connection, peer.uid)
                connections.withLock { $0 -= 1 }
            }
        } catch {
            connections.withLock { $0 -= 1 }
            throw error
        }
    }

    private func serve(_ connection: UnixConnection, _ peer: UInt32) {
        var session = SignerSession(vault, peer: peer, now: now, log: log)
        var goesOn = true
        while goesOn, let bytes = try? connection.read(upTo: Self.readLimit), !bytes.isEmpty {
            let (replies, next) = session.receive(bytes)
            goesOn = next
            let deadline = Deadline.after(milliseconds: Self.patience)
            guard (try? connection.write(replies, deadline: deadline)) != nil else { return }
        }
    }

    private func refuse(_ connection: UnixConnection, _ reason: String) {
        var writer = WireWriter()
        SignerReply.fault(SignerFault(.notAdmitted, reason)).frame(id: 0).write(to: &writer)
        try? connection.write(writer.bytes, deadline: .after(milliseconds: 100))
    }
}
