import ArgumentParser
import AuthorityAPI
import AuthorityClient
import CPosix
import Dispatch
import Glibc
import Names
import Posix

/// `reeve fetch`, for `reeve-fetch` and through it for ssh's `Match exec`: status 0 says that a good certificate is held. Silent
/// on standard output; talks to a person at `/dev/tty` alone, and only where ssh itself may.
struct FetchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "fetch", shouldDisplay: false)

    @Argument(help: "The state folder; - for the usual one.") var state: String
    @Argument(help: "The host, by name.") var host: String
    @Argument(help: "The login.") var login: String

    /// Seconds for a fetch while nobody is asked.
    private static let patience = 10

    func run() async throws {
        do {
            guard try await isReady() else { throw ExitCode(ExitStatus.refused.rawValue) }
        } catch let code as ExitCode {
            throw code
        } catch {
            let fault = Fault(error)
            Output.complain(fault)
            throw ExitCode(fault.status.rawValue)
        }
    }

    private func isReady() async throws -> Bool {
        guard Environment.value("REEVE_FETCH") != "off" else { return false }
        if state != "-" { _ = unsafe setenv("REEVE_HOME", state, 1) }
        let caller = SSHCaller()
        let isQuestion = caller.map { $0.line.host == nil } ?? false
        let intent = isQuestion ? nil : caller?.intent()
        let login = intent?.login ?? login
        let mayAsk = intent?.isBatch == false && Self.isInForeground
        try Self.turn(toTerminal: mayAsk)
        guard (try? Name(host: host)) != nil, (try? Login(login)) != nil, let access = try HostAccess(host)
        else { return false }
        if let known = try access.known(), try access.isHeld(login: login, on: known) { return true }
        guard !isQuestion else { return false }
        // It has a connection, which needs no certificate.
        if intent?.hasMaster == true { return true }
        let turn = FetchTurn(access.state, place: "\(login)@\(host)", mayAsk: mayAsk)
        let end = mayAsk ? nil : Self.giveUp(turn)
        defer { end?.cancel() }
        return try await turn.taken(skipsUnreachable: true) {
            if let known = try access.known(), try access.isHeld(login: login, on: known) { return true }
            return try await access.fetched(login: login, .none) != nil
        }
    }

    /// Ends the program when the authority is too slow: ssh goes on without a certificate.
    private static func giveUp(_ turn: FetchTurn) -> DispatchWorkItem {
        let item = DispatchWorkItem {
            turn.note(Fault(.unreachable, "the authority does not answer", next: "Try again."))
            _exit(ExitStatus.unreachable.rawValue)
        }
        DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(patience), execute: item)
        return item
    }

    /// Whether the person at the terminal would see a question: who is in the background is stopped by the answer.
    private static var isInForeground: Bool {
        let terminal = unsafe posix_open("/dev/tty", O_RDWR | O_CLOEXEC, 0)
        guard terminal >= 0 else { return false }
        defer { close(terminal) }
        return tcgetpgrp(terminal) == getpgrp()
    }

    /// What there is to say goes to the terminal where somebody may be asked. Else there is no terminal for this process, so
    /// that no part of it can ask; and what reads ssh's errors from a pipe gets none of ours.
    private static func turn(toTerminal mayAsk: Bool) throws {
        if !mayAsk, setsid() < 0 { try leaveTerminal() }
        guard mayAsk || isatty(STDERR_FILENO) == 0 else { return }
        let path = mayAsk ? "/dev/tty" : "/dev/null"
        let target = unsafe posix_open(path, O_RDWR | O_CLOEXEC, 0)
        guard target >= 0 else { throw PosixError("open", path: path, code: errno) }
        defer { close(target) }
        guard dup2(target, STDERR_FILENO) >= 0 else { throw PosixError("dup2", code: errno) }
    }

    /// For the first of a group, which may not begin a session.
    private static func leaveTerminal() throws {
        let terminal = unsafe posix_open("/dev/tty", O_RDWR | O_CLOEXEC, 0)
        guard terminal >= 0 else { return }
        defer { close(terminal) }
        guard ioctl(terminal, UInt(TIOCNOTTY)) == 0 else {
            throw PosixError("leave the terminal", code: errno)
        }
    }
}
