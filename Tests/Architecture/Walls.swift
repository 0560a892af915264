import Foundation

/// The floors of the house (Docs/Decisions/0001-the-house.md): who may import whom, and why not.
struct Room {
    let name: String
    /// 0 is the lowest floor above the cellar; 4 is the roof.
    let floor: Int
    /// Rooms of the same house that this one may import. Everything else is a wall.
    let mayImport: Set<String>
    /// Modules from outside that only this kind of room may know.
    let outside: Set<String>
    let reason: String
}

let rooms: [Room] = [
    Room(
        name: "SSHFormats", floor: 0, mayImport: [], outside: ["Crypto", "CryptoExtras"],
        reason: "a public library of bytes and values, usable without the rest of Keyreeve"),
    Room(
        name: "Ledger", floor: 0, mayImport: [], outside: ["Crypto"],
        reason: "outsiders verify the log with it: nothing of the server may be needed"),
    Room(
        name: "Names", floor: 0, mayImport: [], outside: [],
        reason: "names are checked on bytes, by nothing else"),
    Room(
        name: "Posix", floor: 0, mayImport: ["CPosix"], outside: ["Glibc", "Synchronization"],
        reason: "the operating system, and nothing of what Keyreeve knows"),
    Room(
        name: "HostDocuments", floor: 0, mayImport: ["SSHFormats"], outside: ["Crypto"],
        reason: "the signer, the server and the agent must read the very same bytes"),
    Room(
        name: "Telemetry", floor: 0, mayImport: [], outside: ["Logging", "Dispatch", "Synchronization"],
        reason: "lines and numbers for operators; it knows nothing of what they are about"),
    Room(
        name: "Diagnosis", floor: 0, mayImport: [], outside: [],
        reason: "what doctors find and what sshd's log says, in words: it looks at nothing itself"),
    Room(
        name: "AuthorityAPI", floor: 1, mayImport: ["SSHFormats", "Ledger", "Names", "HostDocuments"],
        outside: ["Crypto", "FoundationEssentials", "Foundation", "Synchronization"],
        reason: "the contract between client and server: no rules, no I/O"),
    Room(
        name: "SignerProtocol", floor: 1, mayImport: ["SSHFormats", "Ledger", "Names", "HostDocuments"],
        outside: ["Crypto"], reason: "frames and values; both ends of the socket share them"),
    Room(
        name: "PAMProtocol", floor: 1, mayImport: ["SSHFormats", "Names", "Posix"],
        outside: ["Synchronization"], reason: "frames and values; both ends of the connection share them"),
    Room(
        name: "Authority", floor: 1, mayImport: ["SSHFormats", "Ledger", "Names", "HostDocuments"],
        outside: ["Crypto", "Yams", "Synchronization"],
        reason: "decisions over values and ports: no I/O, no HTTP, no SQL"),
    Room(
        name: "Records", floor: 2,
        mayImport: ["Authority", "SSHFormats", "Ledger", "Names", "Posix", "Telemetry", "CPQ"],
        outside: [
            "Crypto", "GRDB", "GRDBSQLite", "NIOCore", "Glibc", "Synchronization", "Dispatch",
        ],
        reason: "all SQL is here and only here"),
    Room(
        name: "SignIn", floor: 2,
        mayImport: [
            "Authority", "AuthorityAPI", "Names", "SSHFormats", "PAMProtocol", "Posix", "CArgon2", "CFido2",
            "CPosix",
        ],
        outside: [
            "Crypto", "CryptoExtras", "Synchronization", "Glibc", "Foundation", "Dispatch", "NIOCore",
            "NIOHTTP1", "NIOSSL", "AsyncHTTPClient",
        ],
        reason: "adapters of factors; they know no storage and serve no HTTP"),
    Room(
        name: "PAMService", floor: 2, mayImport: ["PAMProtocol", "Names", "Posix", "CPosix", "CPAM"],
        outside: ["Synchronization"],
        reason: "lives with modules of strangers, as root: it must not know the server, nor any secret of it"),
    Room(
        name: "SignerVault", floor: 2,
        mayImport: ["SignerProtocol", "SSHFormats", "Ledger", "Names", "HostDocuments", "Posix", "CPosix"],
        outside: ["Crypto", "Glibc", "Synchronization"],
        reason: "holds private keys: it must not know the server that it distrusts"),
    Room(
        name: "Signers", floor: 2,
        mayImport: [
            "SignerProtocol", "Authority", "SSHFormats", "Ledger", "Names", "HostDocuments", "Posix",
            "Telemetry", "CPosix",
        ],
        outside: ["Crypto", "Logging", "NIOCore", "NIOPosix", "Synchronization", "Glibc"],
        reason: "the server's end of the signer's socket"),
    Room(
        name: "AuthorityClient", floor: 2,
        mayImport: ["AuthorityAPI", "SSHFormats", "Ledger", "Names", "HostDocuments", "Posix"],
        outside: [
            "Crypto", "NIOCore", "NIOPosix", "NIOHTTP1", "NIOSSL", "AsyncHTTPClient", "FoundationEssentials",
            "Foundation",
            "Synchronization", "Glibc",
        ],
        reason: "the public SDK: client and server meet only in the contract"),
    Room(
        name: "Gateway", floor: 3,
        mayImport: [
            "Authority", "AuthorityAPI", "SSHFormats", "Ledger", "Names", "HostDocuments", "Telemetry",
        ],
        outside: [
            "Crypto", "NIOCore", "NIOPosix", "NIOHTTP1", "NIOSSL", "Hummingbird", "HummingbirdCore",
            "HummingbirdTLS",
            "Logging", "HTTPTypes", "Synchronization", "FoundationEssentials", "Foundation",
            "ServiceLifecycle",
        ],
        reason: "the only translator between HTTP and Authority: no SQL, no sockets of the signer"),
    Room(
        name: "SSHDoor", floor: 3,
        mayImport: [
            "AuthorityClient", "AuthorityAPI", "SSHFormats", "Names", "Posix", "Telemetry", "CLibssh",
        ],
        outside: ["Glibc", "FoundationEssentials", "Foundation", "Synchronization"],
        reason: "faces strangers: it has a client's rights and no others, and only it knows libssh"),
    Room(
        name: "HostAgent", floor: 3,
        mayImport: [
            "AuthorityClient", "AuthorityAPI", "SSHFormats", "Ledger", "Names", "HostDocuments", "Posix",
            "Diagnosis", "CPosix",
        ],
        outside: [
            "Crypto", "Logging", "Glibc", "FoundationEssentials", "Foundation", "Synchronization",
        ],
        reason: "lives on hosts: it must not link the server"),
]

/// The modules that `file` imports, by its import lines.
func imports(of file: String) -> Set<String> {
    let text = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
    let kinds: Set = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
    return Set(
        text.split(separator: "\n").compactMap { line in
            var words = line.split(separator: " ")[...]
            while let word = words.first,
                word.hasPrefix("@") || ["public", "package", "internal"].contains(word)
            {
                words = words.dropFirst()
            }
            guard words.first == "import" else { return nil }
            words = words.dropFirst()
            if let word = words.first, kinds.contains(String(word)) { words = words.dropFirst() }
            return words.first.flatMap { $0.split(separator: ".").first.map(String.init) }
        })
}

/// Every Swift file below a folder of the package.
func swiftFiles(in folder: String) -> [String] {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path
    let found = FileManager.default.enumerator(atPath: "\(root)/\(folder)")?.allObjects as? [String] ?? []
    return found.filter { $0.hasSuffix(".swift") }.map { "\(root)/\(folder)/\($0)" }
}
