import Authority
import AuthorityAPI
import Logging
import Names
import Records
import SSHFormats
import Telemetry

extension Setting {
    /// The whole configuration file, in the order in which it is printed.
    static let all: [Setting] =
        server + tls + signer + door + sessions + signIn + passkeys + pam + approvals + limits + log

    private static let server: [Setting] = [
        .text(
            "server", "listen",
            "Address and port of the HTTPS API. Loopback by default: opening it is a decision.",
            standard: "127.0.0.1:8443"
        ) { text, configuration throws(SettingFault) in
            (configuration.host, configuration.port) = try address(text)
        },
        .text(
            "server", "name", "The name that people and hosts reach this server by; it stands in links.",
            standard: "localhost"
        ) { text, configuration throws(SettingFault) in
            guard (try? Name(host: text)) != nil else { throw SettingFault("a DNS name in lower case") }
            configuration.name = text
        },
        .texts(
            "server", "alternative_names",
            "Further names and numeric addresses in the self-made TLS certificate.",
            standard: ["127.0.0.1", "::1"]
        ) { $1.alternativeNames = $0 },
        .texts(
            "server", "addresses",
            "https://HOST:PORT of every node, the same list on each: told to devices and hosts. Empty: this one by its name.",
            standard: []
        ) { texts, configuration throws(SettingFault) in
            do throws(AddressError) {
                configuration.addresses = try texts.map { text throws(AddressError) in
                    try ServerAddress(text)
                }
            } catch {
                throw SettingFault("a list of addresses https://HOST:PORT in lower case")
            }
        },
        .text(
            "server", "admin",
            "Name of the first admin, used at the first start only. Default: the user who starts the server.",
            example: "alice"
        ) { text, configuration throws(SettingFault) in
            do throws(NameError) { configuration.admin = try Name(text) } catch {
                throw SettingFault("a name in lower case")
            }
        },
        .text(
            "server", "origin",
            "Names the ledger in checkpoints (C2SP tlog-checkpoint). Fixed for ever at first start; default: the name.",
            example: "keyreeve.example.com"
        ) { text, configuration throws(SettingFault) in
            guard (try? Name(host: text)) != nil else { throw SettingFault("a DNS name in lower case") }
            configuration.origin = text
        },
        .text(
            "server", "database",
            "PostgreSQL 13 or later, for several nodes; all hosts of it, by commas. Without it: SQLite in the data folder.",
            example: "postgresql://keyreeve@db1.example.com,db2.example.com/keyreeve"
        ) { text, configuration throws(SettingFault) in
            do throws(PostgresFault) { configuration.database = try PostgresAddress(text) } catch {
                throw SettingFault("an address of PostgreSQL: \(error)")
            }
        },
    ]

    private static let tls: [Setting] = [
        .text(
            "tls", "certificate",
            "PEM chain of a publicly trusted certificate. Without it a root is made and pinned by its fingerprint.",
            example: "/etc/keyreeve/tls.pem"
        ) { $1.tlsCertificate = $0 },
        .text("tls", "key", "PEM key of that certificate; mode 0600.", example: "/etc/keyreeve/tls.key") {
            $1.tlsKey = $0
        },
    ]

    private static let signer: [Setting] = [
        .text(
            "signer", "socket",
            "Unix socket of a reeve-signer that runs as its own user. Without it reeved starts one itself.",
            example: "/run/reeve-signer/signer.sock"
        ) { $1.signerSocket = $0 }
    ]

    private static let door: [Setting] = [
        .texts(
            "door", "keys",
            "Public keys (door.pub) of the front doors that may say where a request comes from; none believed without.",
            standard: []
        ) { texts, configuration throws(SettingFault) in
            do throws(KeyError) {
                configuration.doors = try texts.map { text throws(KeyError) in try PublicKey(text: text) }
            } catch {
                throw SettingFault("a list of public keys: ecdsa-sha2-nistp256 AAAA…")
            }
        },
        .text(
            "door", "address", "HOST:PORT that people reach the front door by; told to `reeve ssh-config`.",
            example: "ca.example.com:22"
        ) { text, configuration throws(SettingFault) in
            configuration.doorAddress = try doorAddress(text)
        },
        .text(
            "door", "host_key",
            "The door's host key (ssh_host_ed25519_key.pub), which `reeve ssh-config` pins.",
            example: "ssh-ed25519 AAAA…"
        ) { text, configuration throws(SettingFault) in
            do { configuration.doorHostKey = try PublicKey(text: text) } catch {
                throw SettingFault("a public key: ssh-ed25519 AAAA…")
            }
        },
    ]

    private static let sessions: [Setting] = [
        .number(
            "session", "absolute", "Seconds after which a session ends whatever happens: a working day.",
            in: 60...604_800, standard: 43_200
        ) { $1.sessionAbsolute = UInt64($0) },
        .number(
            "session", "idle", "Seconds without a request after which it ends.", in: 60...604_800,
            standard: 7_200
        ) { $1.sessionIdle = UInt64($0) },
        .number(
            "session", "most_per_identity",
            "Sessions of one identity at once; one more ends the one that was used longest ago.",
            in: 1...65_536, standard: Records.mostSessions
        ) { $1.sessionsPerIdentity = $0 },
    ]

    private static let signIn: [Setting] = [
        .texts(
            "sign_in", "ways",
            "Which factors together make a sign-in; the first is asked for where nobody chooses.",
            standard: ["password+totp"]
        ) { texts, configuration throws(SettingFault) in
            do throws(SignInWayFault) {
                configuration.signInWays = try texts.map { text throws(SignInWayFault) in
                    try SignInWay(text)
                }
            } catch {
                throw SettingFault("a list of ways such as password+totp: \(error)")
            }
            guard !texts.isEmpty else { throw SettingFault("one way or more") }
        },
        .choice(
            "sign_in", "ssh_keys",
            "What a registered ssh key must be to count: touched and verified take security keys (sk-…) alone.",
            of: SSHKeyDemand.self, standard: .any
        ) { $1.sshKeys = $0 },
        .number(
            "sign_in", "attempts_per_source",
            "Failures per account, factor and address (IPv6: /64) before waiting begins.", in: 1...100,
            standard: 5
        ) { $1.attemptsPerSource = $0 },
        .number(
            "sign_in", "attempts_per_day", "Failures per account and factor in a day, from anywhere.",
            in: 1...1_000, standard: 33
        ) { $1.attemptsPerDay = $0 },
        .number(
            "sign_in", "first_delay", "Seconds to wait after those failures; doubles with each further one.",
            in: 1...86_400, standard: 60
        ) { $1.attemptsFirstDelay = UInt64($0) },
        .number("sign_in", "longest_delay", "Seconds that it doubles up to.", in: 1...86_400, standard: 3_600)
        {
            $1.attemptsLongestDelay = UInt64($0)
        },
        .number(
            "sign_in", "hashing_queue", "Password checks that may wait; one more is told to come back.",
            in: 1...65_536, standard: 256
        ) { $1.hashingQueue = $0 },
        .number(
            "sign_in", "hashing_queue_per_source",
            "The same of one address (IPv6: /64); addresses take turns.", in: 1...65_536, standard: 32
        ) { $1.hashingQueuePerSource = $0 },
        .number(
            "sign_in", "hashing_patience",
            "Seconds after which one that still waits is told to come back, and not checked.", in: 1...600,
            standard: 30
        ) { $1.hashingPatience = UInt64($0) },
        .text(
            "sign_in", "known_passwords",
            "File of well-known passwords, one a line: none of them is taken, and whoever has one is found by reeve governance.",
            example: "/etc/keyreeve/known-passwords.txt"
        ) { $1.knownPasswords = $0 },
    ]

    private static let approvals: [Setting] = [
        .number(
            "approvals", "lasting",
            "Seconds for which a request waits for approvals and, once approved, for its use.",
            in: 60...604_800,
            standard: 3_600
        ) { $1.approvalsLasting = UInt64($0) },
        .number(
            "approvals", "most_open", "Requests of one identity that may wait at once.", in: 1...1_000,
            standard: 8
        ) { $1.approvalsMostOpen = $0 },
    ]

    private static let limits: [Setting] = [
        .number("limits", "header_bytes", "Longest HTTP header.", in: 4_096...65_536, standard: 32_768) {
            $1.headerBytes = $0
        },
        .number("limits", "body_bytes", "Longest request body.", in: 4_096...1_048_576, standard: 65_536) {
            $1.bodyBytes = $0
        },
        .number(
            "limits", "connections",
            "Open connections; further ones wait. Each takes a file descriptor: fewer where the system gives fewer.",
            in: 16...65_536, standard: 16_384
        ) { $1.connections = $0 },
        .number(
            "limits", "connections_per_source",
            "Open connections of one address; further ones are closed. Leaves room for 10,000 agents behind one.",
            in: 1...65_536, standard: 12_288
        ) { $1.connectionsPerSource = $0 },
        .number(
            "limits", "event_streams", "Hosts that are told of changes at once; each holds one connection.",
            in: 1...65_536, standard: 12_288
        ) { $1.eventStreams = $0 },
        .number(
            "limits", "requests_per_source",
            "Requests a second of one address (IPv6: /64) that prove no identity; ten seconds' worth may come at once.",
            in: 1...1_000_000, standard: 200
        ) { $1.requestsPerSource = $0 },
        .number(
            "limits", "requests_per_identity",
            "Requests a second of one identity, wherever from; ten seconds' worth may come at once.",
            in: 1...1_000_000, standard: 500
        ) { $1.requestsPerIdentity = $0 },
        .number("limits", "request_timeout", "Seconds for one request.", in: 1...600, standard: 30) {
            $1.requestTimeout = $0
        },
        .number(
            "limits", "idle_timeout", "Seconds that an idle connection is kept.", in: 1...3_600, standard: 60
        ) {
            $1.idleTimeout = $0
        },
        .number(
            "limits", "least_free_mib",
            "MiB that must be free where the data folder is; below that /readyz says no, before writing fails.",
            in: 1...1_048_576, standard: 64
        ) { $1.leastFree = UInt64($0) * 1_048_576 },
    ]

    private static let log: [Setting] = [
        .choice(
            "log", "format", "How the lines on standard error are written.", of: LogFormat.self,
            standard: .json
        ) { $1.logFormat = $0 },
        .choice(
            "log", "level",
            "The least that is written. info has one line per request; warning only what somebody should look at.",
            of: Logger.Level.self, standard: .info
        ) { $1.logLevel = $0 },
    ]

    /// What can stand in known_hosts and ssh_config: a DNS name or a numeric address, and a port to connect to.
    private static func doorAddress(_ text: String) throws(SettingFault) -> (String, Int) {
        let (host, port) = try address(text)
        let isNumeric = !host.utf8.contains(UInt8(ascii: "/")) && (try? SourceAddresses([host])) != nil
        guard isNumeric || (try? Name(host: host)) != nil, port > 0 else {
            throw SettingFault("HOST:PORT in lower case, e.g. ca.example.com:22")
        }
        return (host, port)
    }

    /// `host:port`, `[v6]:port`.
    static func address(_ text: String) throws(SettingFault) -> (String, Int) {
        let fault = SettingFault("ADDRESS:PORT, e.g. 127.0.0.1:8443 or [::1]:8443")
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65_535).contains(port)
        else { throw fault }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard !host.isEmpty else { throw fault }
        return (String(host), port)
    }
}
