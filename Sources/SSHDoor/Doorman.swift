import AuthorityAPI
package import Posix
import SSHFormats

/// Listens, and gives each connection that has something to say a process of its own. Reads not one byte of SSH itself.
///
/// One thread, which waits for nobody: what a connection does not do in time ends its process.
package final class Doorman {
    /// How a worker is started.
    package struct Program: Sendable {
        let path: String
        let arguments: [String]

        package init(path: String, arguments: [String]) {
            self.path = path
            self.arguments = arguments
        }
    }

    private final class Guest {
        let connection: TCPConnection
        var worker: ChildProcess?
        var link: PacketLink?
        let startedAt: Double

        init(_ connection: TCPConnection, at: Double) {
            self.connection = connection
            startedAt = at
        }
    }

    /// Connections accepted in one turn, so that those who are inside get theirs.
    private static let acceptedAtOnce = 64

    private let listener: TCPListener
    private let files: DoorFiles
    private let program: Program
    private let limits: DoorLimits
    private let log: DoorLog
    private var book: Guestbook
    private var guests: [Guestbook.Guest: Guest] = [:]

    package init(
        _ listener: TCPListener, _ files: DoorFiles, _ program: Program, _ limits: DoorLimits, _ log: DoorLog
    ) {
        self.listener = listener
        self.files = files
        self.program = program
        self.limits = limits
        self.log = log
        book = Guestbook(limits)
    }

    /// Serves until the process is ended.
    ///
    /// - Throws: When the listening socket itself breaks.
    package func run() throws(PosixError) -> Never {
        while true {
            let order = guests.sorted { $0.key < $1.key }
            // A guest who has spoken and waits for a worker is not looked at: there is nothing new to see.
            let watched = order.filter { book.isWatched($0.key) }
            let all = [listener.readiness] + watched.map { $1.link?.readiness ?? $1.connection.readiness }
            let ready = try Readiness.wait(for: all, deadline: deadline())
            for place in ready.dropFirst(ready.first == 0 ? 1 : 0) {
                let (number, guest) = watched[place - 1]
                guard guests[number] != nil else { continue }
                guest.link == nil ? listen(to: number, guest) : hear(number, guest)
            }
            if ready.first == 0 { welcome() }
            while let (number, evicted) = book.next(now: now) {
                for other in evicted { end(other, .evicted) }
                seat(number)
            }
            for late in book.overdue(now: now) { end(late, .late) }
        }
    }

    private var now: Double { Double(MonotonicClock.now()) / 1_000_000_000 }

    private func deadline() -> Deadline {
        guard let moment = book.nextMoment(now: now) else { return .never }
        return Deadline(nanoseconds: UInt64(max(moment, 0) * 1_000_000_000))
    }

    private func welcome() {
        for _ in 0..<Doorman.acceptedAtOnce {
            let connection: TCPConnection?
            do { connection = try listener.accept() } catch {
                log.note("cannot accept", [("error", "\(error)")])
                BlockingThread.pause(milliseconds: 50)
                return
            }
            guard let connection else { return }
            let (number, evicted) = book.enter(from: connection.peer, now: now)
            for other in evicted { end(other, .evicted) }
            guests[number] = Guest(connection, at: now)
        }
    }

    /// The first bytes, which stay where they are: the worker reads them.
    private func listen(to number: Guestbook.Guest, _ guest: Guest) {
        guard let bytes = guest.connection.peek(4) else { return }
        guard !bytes.isEmpty else { return end(number, .gone) }
        guard bytes.elementsEqual(Array("SSH-".utf8).prefix(bytes.count)) else {
            return end(number, .stranger)
        }
        book.spoke(number)
    }

    private func seat(_ number: Guestbook.Guest) {
        guard let guest = guests[number] else { return book.leave(number) }
        do throws(PosixError) {
            let (ours, theirs) = try PacketLink.pair()
            try ours.send(Array(files.hostKey.openSSHText().utf8))
            guest.worker = try theirs.start(program.path, program.arguments, with: guest.connection)
            guest.link = ours
        } catch {
            log.note("cannot start a worker", [("error", "\(error)")])
            end(number, .failed)
        }
    }

    /// What the worker says. One that says what cannot be is not trusted any further.
    private func hear(_ number: Guestbook.Guest, _ guest: Guest) {
        guard let link = guest.link, let packet = try? link.receive(), !packet.isEmpty else {
            return end(number, .ended)
        }
        switch WorkerWord(packet: packet) {
        case .keysExchanged: if !book.reached(.signingIn, number, now: now) { end(number, .crashed) }
        case .steppingUp: if !book.reached(.steppingUp, number, now: now) { end(number, .crashed) }
        case .signedIn: if !book.reached(.inside, number, now: now) { end(number, .crashed) }
        case .refused: book.charge(limits.refusalCost, number, now: now)
        case .breach: book.charge(limits.breachCost, number, now: now)
        case .voucher(let hash):
            guard [.signingIn, .steppingUp, .inside].contains(book.phase(of: number)),
                let text = try? DoorVoucher.text(
                    address: guest.connection.peer, proofHash: hash, by: files.doorKey,
                    now: UnixTime(WallClock.now())),
                (try? link.send(Array(text.utf8))) != nil
            else { return end(number, .crashed) }
        case nil: end(number, .crashed)
        }
    }

    private enum Ending: String {
        case ended, gone, stranger, late, evicted, failed, crashed
    }

    /// Lets go of a connection and of its worker.
    private func end(_ number: Guestbook.Guest, _ how: Ending) {
        guard let guest = guests.removeValue(forKey: number) else { return }
        var how = how
        let phase = book.phase(of: number)
        if let worker = guest.worker {
            // It holds the link to its end: where that is closed, little is left of it.
            if how != .ended { worker.send(signal: 9) }
            let status = how == .ended ? Self.status(of: worker) : try? worker.wait()
            if how == .ended, let status, status != 0 { how = .crashed }
        }
        if how == .crashed { book.charge(limits.crashCost, number, now: now) }
        book.leave(number)
        guard how != .gone else { return }
        log.note(
            "connection",
            [
                ("source", guest.connection.peer), ("ending", how.rawValue),
                ("phase", phase.map { "\($0)" } ?? "evicted"),
                ("ms", "\(Int((now - guest.startedAt) * 1000))"),
            ])
    }

    /// The status of a process that closed its link; nil if it had to be ended, since a busy machine is no crash.
    private static func status(of worker: ChildProcess) -> Int32? {
        for _ in 0..<100 {
            if let status = try? worker.ending() { return status }
            BlockingThread.pause(milliseconds: 1)
        }
        worker.send(signal: 9)
        let status = try? worker.wait()
        return status == 128 + 9 ? nil : status
    }
}
