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
    private let host: String
    private let state: StateFolder

    /// Seconds that a certificate must have left to be used.
    private static let least: UInt64 = 15

    /// nil when this is nothing of ours: ssh goes nowhere, or this device is not enrolled.
    init?(_ line: SSHCommandLine) throws {
        guard let host = line.host else { return nil }
        self.line = line
        self.host = host
        state = try StateFolder()
        guard try state.record(DeviceRecord.file, as: DeviceRecord.self) != nil else { return nil }
    }

    /// What to tell ssh if a good certificate is held; nil if not.
    func held() throws -> [String]? {
        guard let known = try state.reach()?.host(named: host) else { return nil }
        let login = try line.login ?? effectiveLogin()
        guard let stem = try heldStem(login: login, host: known.name) else { return nil }
        RevocationCheck(state: state).start(stem)
        return try options(for: known, login: login)
    }

    /// Fetches a certificate. What to tell ssh; nil for a host that is not known. Nobody is asked to sign in for a host
    /// that the last login did not know either.
    func fetched(_ approval: ApprovalWait) async throws -> [String]? {
        let login = try line.login ?? effectiveLogin()
        if try state.session() == nil {
            let reach = try state.reach()
            guard reach == nil || reach?.host(named: host) != nil else { return nil }
            try await signIn()
        }
        do {
            return try await state.signedIn { try await fetched(login, approval, $0) }
        } catch {
            let fault = Fault(error)
            guard fault.status == .needsSignIn, Terminal() != nil else { throw fault }
            Output.note(fault.text)
            try await signIn()
            return try await state.signedIn { try await fetched(login, approval, $0) }
        }
    }

    private func fetched(
        _ login: String, _ approval: ApprovalWait, _ connection: AuthorityConnection
    ) async throws -> [String]? {
        var fetch = try CertificateFetch(state, connection)
        fetch.approval = approval
        let reach = try await fetch.refreshedReach()
        guard let known = reach.host(named: host) else { return nil }
        let ways = known.logins.filter { $0.login == login }
        // What lacks a factor only is tried: the refusal names it, and it is asked for. So is what others must approve.
        let missesFactors = { (way: ReachReply.Login) in way.missing.allSatisfy { $0.hasPrefix("factor-") } }
        let missesPeople = { (way: ReachReply.Login) in
            way.missing.allSatisfy { $0.hasPrefix("factor-") || $0 == "approval-required" }
        }
        guard
            let way = ways.first(where: { $0.missing.isEmpty }) ?? ways.first(where: missesFactors)
                ?? ways.first(where: missesPeople)
        else {
            throw try await refusal(
                login: login, host: known.name, missing: ways.flatMap(\.missing), connection)
        }
        try await fetch.one(way, on: known, in: reach)
        return try options(for: known, login: login)
    }

    private func options(for host: ReachReply.Host, login: String) throws -> [String] {
        try SSHConfigText(folder: state.path).options(for: try KnownHost(host), login: login)
    }

    /// The certificate for it, if it is good for a while and its key is at hand.
    private func heldStem(login: String, host: String) throws -> String? {
        let held = try HeldCertificates(state)
        guard (try? Login(login)) != nil, let stem = try held.stem(login: login, host: host),
            let certificate = try held.certificate(named: stem),
            certificate.validBefore.seconds > WallClock.now() + Self.least
        else { return nil }
        if held.hasKeyFile(stem) { return stem }
        guard var agent = KeyAgent(), try agent.holds(certificate) else { return nil }
        return stem
    }

    private func signIn() async throws {
        guard Terminal() != nil else {
            throw Fault(.needsSignIn, "there is no session", next: "Sign in: reeve login")
        }
        _ = try await state.signIn(nil, Prompter(.none))
    }

    /// Why no way leads to that login, in the authority's words.
    private func refusal(
        login: String, host: String, missing: [String], _ connection: AuthorityConnection
    ) async throws -> Fault {
        let question = ExplainRequest(who: nil, to: host, as: login)
        let (reply, _) = try await connection.call(.explain, body: question, as: ExplainReply.self)
        let isFactor = (missing + [reply.code ?? ""]).contains { $0.hasPrefix("factor-") }
        return Fault(
            isFactor ? .needsSignIn : .refused,
            "\(login) on \(host) is refused (\(reply.code ?? missing.first ?? "no-grant")): "
                + reply.lines.joined(separator: " "),
            next: isFactor ? "Sign in again: reeve login" : "Ask an admin for a grant.")
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
