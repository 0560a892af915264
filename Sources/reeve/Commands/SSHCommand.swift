import ArgumentParser
import AuthorityAPI
import AuthorityClient
import Glibc
import Names
import Posix
import SSHFormats

/// `reeve ssh`
struct SSHCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ssh", abstract: "ssh(1), with a good certificate fetched first where one is needed.",
        discussion: """
            All arguments are ssh's, but for those before them: --reason TEXT says why to those who must approve of it, \
            and --wait waits for them. A host that the authority does not know is left to ssh, and so are all while it \
            cannot be reached. The exit status is ssh's, or 1 when the authority refuses and 4 when nobody is there to sign in.
            """)

    @Argument(parsing: .captureForPassthrough, help: "The arguments of ssh.")
    var arguments: [String] = []

    /// Shows up in the help; `ssh` is answered before arguments are parsed.
    func run() async throws { try await Self.enter(arguments) }

    /// Fetches a certificate if one is needed, and becomes ssh.
    static func enter(_ given: [String]) async throws {
        let approval: ApprovalWait
        let arguments: [String]
        do throws(Fault) { (approval, arguments) = try own(arguments: given) } catch {
            Output.note(error.text)
            throw ExitCode(error.status.rawValue)
        }
        let line = SSHCommandLine(arguments)
        var ready = arguments
        do {
            if let options = try await Preparation(line)?.fetched(approval) {
                ready = line.adding(options: options)
            }
        } catch {
            let fault = Fault(error)
            Output.note(fault.text)
            guard fault.status == .unreachable else { throw ExitCode(fault.status.rawValue) }
        }
        throw Fault(Program.become("ssh", ready))
    }

    /// Becomes ssh if nothing has to be fetched: no thread is started and no server is asked, since this is what most
    /// logins wait for. Else it returns; what is wrong is found again, and said, by ``enter(_:)``.
    static func enterIfReady(_ given: [String]) throws {
        guard let (_, arguments) = try? own(arguments: given) else { return }
        let line = SSHCommandLine(arguments)
        guard let preparation = try? Preparation(line) else {
            guard line.host == nil else { return }
            throw Fault(Program.become("ssh", arguments))
        }
        guard let options = try? preparation.held() else { return }
        throw Fault(Program.become("ssh", line.adding(options: options)))
    }

    /// Our own options, which stand before ssh's and are none of its, and the rest.
    private static func own(arguments: [String]) throws(Fault) -> (ApprovalWait, [String]) {
        var rest = arguments[...]
        var reason: String?
        var waits = false
        while let word = rest.first, word.hasPrefix("--"), word != "--" {
            rest = rest.dropFirst()
            if word == "--wait" {
                waits = true
            } else if word.hasPrefix("--reason=") {
                reason = String(word.dropFirst("--reason=".count))
            } else if word == "--reason", let text = rest.popFirst() {
                reason = text
            } else {
                throw Fault(.usage, "unknown option \(word)", next: "See: reeve help ssh")
            }
        }
        return (ApprovalWait(reason: reason, isWanted: waits), Array(rest))
    }
}

/// Makes sure that a good certificate is held for where ssh goes.
private struct Preparation {
    private let line: SSHCommandLine
    private let access: HostAccess

    /// nil when this is nothing of ours: ssh goes nowhere, or this device is not enrolled.
    init?(_ line: SSHCommandLine) throws {
        guard let host = line.host, let access = try HostAccess(host) else { return nil }
        self.line = line
        self.access = access
    }

    /// What to tell ssh if a good certificate is held; nil if not.
    func held() throws -> [String]? {
        guard let known = try access.known() else { return nil }
        let login = try line.login ?? effectiveLogin()
        return try access.isHeld(login: login, on: known) ? options(for: known, login: login) : nil
    }

    /// Fetches a certificate. What to tell ssh; nil for a host that is not known.
    func fetched(_ approval: ApprovalWait) async throws -> [String]? {
        let login = try line.login ?? effectiveLogin()
        let turn = FetchTurn(access.state, place: "\(login)@\(access.host)", mayAsk: Terminal() != nil)
        let known: ReachReply.Host? = try await turn.taken {
            if let known = try access.known(), try access.isHeld(login: login, on: known) { return known }
            return try await access.fetched(login: login, approval)
        }
        return try known.map { try options(for: $0, login: login) }
    }

    private func options(for host: ReachReply.Host, login: String) throws -> [String] {
        try SSHConfigText(folder: access.state.path).options(for: try KnownHost(host), login: login)
    }

    /// The login that ssh's own configuration gives.
    private func effectiveLogin() throws -> String {
        let lines = try Program.output(of: "ssh", line.asQuestion).split(separator: "\n")
        guard let user = lines.first(where: { $0.hasPrefix("user ") }) else {
            throw Fault(.usage, "ssh -G names no user", next: "Name the login: reeve ssh LOGIN@HOST")
        }
        return String(user.dropFirst("user ".count))
    }
}
