import ArgumentParser
import AuthorityAPI
import AuthorityClient
import Names
import Posix
import SSHFormats

/// `reeve-bench sign-in`: how many people a server lets in, or turns away, and how long that takes.
struct SignInCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign-in",
        abstract: "Sign in over and over, each of so many at a time with a key of their own.")

    @Option(help: "State folder of `reeve`, for the server and its root.")
    var home: String
    @Option(
        help:
            "Folder with one of p1, p2 … for each that signs in, with its private key in `ssh`. Without it names that nobody has."
    )
    var people: String?
    @Option(help: "The factors, such as password+sshkey.")
    var with: String
    @Option(help: "File with the password of all of them.")
    var passwordFile: String?
    @Option(help: "Sign-ins at once.")
    var connections = 16
    @Option(help: "Seconds that count.")
    var seconds: Double = 10
    @Option(
        name: .customLong("pid"),
        help: "A process of the server, as NAME=PID; NAME=PID+ counts its children in.")
    var processes: [MeasuredProcess] = []
    @Option(help: "What is measured, for the report.")
    var name: String?

    func validate() throws {
        guard connections > 0, seconds > 0 else {
            throw ValidationError("Give at least one connection and a time.")
        }
    }

    func run() async throws {
        let caller = try Caller(home: home)
        guard let server = caller.server, let pem = caller.rootPEM else {
            throw BenchFault("the state folder names no server")
        }
        let password = try passwordFile.map { try SignInPerson.text($0).dropLast() }.map(String.init)
        let start = MonotonicClock.now()
        let window = Window(start: start, end: start + UInt64(seconds * 1e9))
        let before = try processes.map { try $0.cpuSeconds() }
        let tally = try await withThrowingTaskGroup(of: Tally.self) { group in
            for lane in 0..<connections {
                let person = try SignInPerson(number: lane + 1, of: people, with: with, password: password)
                group.addTask {
                    let key = try DPoPKey()
                    let connection = try AuthorityConnection(
                        servers: [server], trust: .root(pem: pem), key: key)
                    let tally = try await person.signIn(connection, until: window)
                    await connection.close()
                    return tally
                }
            }
            return try await group.reduce(Tally(), +)
        }
        let cpu = try zip(processes, before).map { try $0.cpuSeconds() - $1 }
        report(tally, cpu: cpu.reduce(0, +))
    }

    private func report(_ tally: Tally, cpu: Double) {
        let times = Distribution(tally.latencies)
        let subject = name ?? "sign-in with \(with)"
        let details: KeyValuePairs = [
            "connections": Double(connections), "p50": times.median, "p99": times.p99,
            "refused": Double(tally.refused),
        ]
        let done = Double(tally.latencies.count)
        Measurement(
            measure: "sign-ins", subject: subject, value: done / seconds, unit: "/s", details: details
        ).show()
        guard !processes.isEmpty, done > 0 else { return }
        Measurement(measure: "server CPU", subject: subject, value: cpu / done * 1e3, unit: "ms/sign-in")
            .show()
        if let problem = tally.problem, people != nil {
            Measurement(measure: "problem: \(problem)", subject: subject, value: 1, unit: "").show()
        }
    }
}

/// Somebody who signs in, with all it takes.
private struct SignInPerson: Sendable {
    let number: Int
    let isKnown: Bool
    let with: String
    let password: String
    let key: PrivateKey?

    /// - Parameter people: Where they are; nil for somebody unknown.
    init(number: Int, of people: String?, with: String, password: String?) throws {
        self.number = number
        isKnown = people != nil
        self.with = with
        self.password = password ?? "never the right one, I hope"
        key = try people.map { try PrivateKey(openSSH: Self.text("\($0)/p\(number)/ssh")) }
    }

    static func text(_ path: String) throws -> String {
        String(decoding: try DurableFile(path).read(limit: 65_536), as: UTF8.self)
    }

    /// One sign-in after the other until the window ends.
    func signIn(_ connection: AuthorityConnection, until window: Window) async throws -> Tally {
        var tally = Tally()
        var round = 0
        while true {
            let begun = MonotonicClock.now()
            guard begun < window.end else { return tally }
            round += 1
            let problem = try await once(connection, isKnown ? "p\(number)" : "nobody-\(number)-\(round)")
            let now = MonotonicClock.now()
            tally.problem = tally.problem ?? problem
            guard window.contains(now) else { continue }
            tally.latencies.append(now - begun)
            if problem != nil { tally.refused += 1 }
        }
    }

    /// - Returns: Why not, where it was refused.
    private func once(_ connection: AuthorityConnection, _ name: String) async throws -> String? {
        do {
            var reply = try await connection.call(
                .signIn, body: SignInRequest(name: name, with: with), as: SignInReply.self
            ).0
            while let conversation = reply.conversation, !reply.steps.isEmpty {
                var answers: [String: String] = [:]
                for step in reply.steps { answers[step.name] = try answer(step) }
                reply = try await connection.call(
                    .signInAnswer, body: SignInAnswer(conversation: conversation, answers: answers),
                    as: SignInReply.self
                ).0
            }
            return reply.session == nil ? "no session" : nil
        } catch ClientError.refused(let problem) {
            return problem.code
        }
    }

    private func answer(_ step: SignInStep) throws -> String {
        switch step.name {
        case SSHKeyRequest.step:
            guard let key, let text = step.code else { throw BenchFault("a key is asked for: --people") }
            var hasher = SSHSIGHash.Hasher(.sha512)
            hasher.update(Array(text.utf8))
            let digest = hasher.digest()
            let signed = try SSHSIG.toBeSigned(
                digest: digest, namespace: SSHKeyRequest.signInNamespace, hash: .sha512)
            return try SSHSIG(
                signer: .key(key.publicKey), digest: digest, namespace: SSHKeyRequest.signInNamespace,
                hash: .sha512, signature: key.sign(signed)
            ).armoured
        case "totp": return "000000"
        default: return step.kind == .wait ? "" : password
        }
    }
}
