import ArgumentParser
import Posix
import SSHDoor
import SSHFormats
import Telemetry

/// `reeve-door serve`: listens until it is ended.
struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Listen for ssh clients.",
        discussion: """
            Makes its two keys at the first start. The authority must be told of them: `reeve-door keys` prints what its \
            configuration needs. Started as root, it opens the port, reads the keys and becomes --user; its workers \
            cannot read the keys then.
            """)

    @Option(name: .customLong("data"), help: "Folder of the door's keys.")
    var folder: String

    @Option(help: "Numeric ADDRESS:PORT to listen on.")
    var listen = "127.0.0.1:2222"

    @OptionGroup var place: AuthorityPlace

    @Option(help: "Become this user; needs root.")
    var user: String?

    @Option(help: "How the lines on standard error are written: json or logfmt.")
    var logFormat = "json"

    @OptionGroup var bounds: Bounds

    func run() throws {
        try DoorEnding.reported {
            guard let format = LogFormat(rawValue: logFormat) else {
                throw DoorFault("--log-format: json or logfmt")
            }
            let (host, port) = try Self.address(listen)
            guard user != nil || !ProcessHardening.isRoot else {
                throw DoorFault("started as root: say which user to become with --user NAME")
            }
            // Both are read before anything is opened, so that a fault is said at the start.
            _ = (try place.servers(), try place.trust())
            let files = try DoorFiles(folder)
            let listener = try TCPListener(host: host, port: port)
            if let user, ProcessHardening.isRoot { try ProcessHardening.become(try PosixUser(named: user)) }
            CurrentProcess.leaveHome()
            try ProcessHardening.apply()
            ProcessUsage.raiseDescriptors()
            let log = DoorLog(format)
            let program = Doorman.Program(
                path: try CurrentProcess.executable(),
                arguments: ["worker", "--parent", "\(CurrentProcess.pid)"] + place.arguments)
            log.note(
                "serving",
                [
                    ("port", "\(try listener.port())"),
                    ("hostKey", files.hostKey.publicKey.fingerprint.description),
                ])
            try Doorman(listener, files, program, bounds.limits, log).run()
        }
    }

    /// `host:port`, `[v6]:port`.
    private static func address(_ text: String) throws -> (String, Int) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65_535).contains(port)
        else { throw DoorFault("--listen: ADDRESS:PORT, e.g. 0.0.0.0:22 or [::]:22") }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        return (String(host), port)
    }
}

/// The limits that can be set.
struct Bounds: ParsableArguments {
    @Option(help: "Connections that are looked after at once, each by a process of its own.")
    var mostWorkers = DoorLimits().mostWorkers

    @Option(help: "Of those, how many may not have signed in yet.")
    var mostUnproven = DoorLimits().mostUnproven

    @Option(help: "The same for one source: an IPv4 address, or a /64.")
    var mostUnprovenPerSource = DoorLimits().mostUnprovenPerSource

    @Option(help: "Seconds for a sign-in.")
    var signInTime = DoorLimits().signIn

    @Option(help: "Seconds for what comes after it.")
    var sessionTime = DoorLimits().session

    @Option(help: "Connections a second for one source in the long run; ten seconds' worth may come at once.")
    var connectionsPerSecond = DoorLimits().workersPerSecond

    @Option(help: "Longest time that a source waits for what it did, in seconds; 0: no penalties.")
    var longestPenalty = DoorLimits().longestPenalty

    func validate() throws {
        guard (1...4096).contains(mostWorkers), (1...mostWorkers).contains(mostUnproven),
            (1...mostUnproven).contains(mostUnprovenPerSource), (1...3600).contains(signInTime),
            (1...3600).contains(sessionTime), (0.1...1000).contains(connectionsPerSecond),
            (0...3600).contains(longestPenalty)
        else { throw ValidationError("The limits do not fit together.") }
    }

    var limits: DoorLimits {
        var limits = DoorLimits()
        limits.mostWorkers = mostWorkers
        limits.mostUnproven = mostUnproven
        limits.mostUnprovenPerSource = mostUnprovenPerSource
        limits.signIn = signInTime
        limits.session = sessionTime
        limits.workersPerSecond = connectionsPerSecond
        limits.workersAtOnce = connectionsPerSecond * 10
        limits.longestPenalty = longestPenalty
        return limits
    }
}
