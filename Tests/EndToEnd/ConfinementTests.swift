import Crypto
import Foundation
import Posix
import SSHFormats
import Testing

/// Y04: what server and signer have given away, and what nobody but root gets out of them.
@Suite(.servers, .enabled(if: ProcessHardening.isRoot)) struct `A house that is broken into` {
    @Test func `Y04 every thread is nobody's, without capabilities, and the signer's are filtered`()
        async throws
    {
        let house = try await Installation()
        try await house.enrolAdmin()
        let signer = try #require(house.signerPID)
        for pid in [house.serverPID, signer] {
            for (thread, status) in try statuses(pid) {
                let field = { (name: String) in
                    status.split(separator: "\n").first { $0.hasPrefix("\(name):") }?
                        .split(separator: "\t", maxSplits: 1).last.map(String.init) ?? ""
                }
                #expect(!field("Uid").split(separator: "\t").contains("0"), "thread \(thread)")
                #expect(field("NoNewPrivs") == "1", "thread \(thread)")
                for set in ["CapInh", "CapPrm", "CapEff", "CapAmb"] {
                    #expect(field(set).allSatisfy { $0 == "0" }, "\(set) of thread \(thread)")
                }
                if pid == signer { #expect(field("Seccomp") == "2", "thread \(thread)") }
            }
            let limits = try String(contentsOfFile: "/proc/\(pid)/limits", encoding: .utf8)
            let core = limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") }
            #expect(core?.split(separator: " ").suffix(3) == ["0", "0", "bytes"])
        }
    }

    @Test func `Y04 the same user can neither trace them, nor read their memory, nor have a core of them`()
        async throws
    {
        let house = try await Installation()
        let attach =
            "import ctypes, sys; c = ctypes.CDLL(None, use_errno=True); "
            + "print(c.ptrace(16, int(sys.argv[1]), 0, 0), ctypes.get_errno())"
        for pid in [house.serverPID, try #require(house.signerPID)] {
            let traced = try await asNobody(["/usr/bin/python3", "-c", attach, "\(pid)"])
            #expect(traced.output == "-1 1\n", "ptrace(PTRACE_ATTACH) is EPERM")
            let read = try await asNobody(["/usr/bin/dd", "if=/proc/\(pid)/mem", "bs=1", "count=1"])
            #expect(read.status != 0)
            #expect(read.errors.contains("Permission denied"), "\(read.errors)")
            if FileManager.default.isExecutableFile(atPath: "/usr/bin/gcore") {
                let core = "\(house.data)/core"
                _ = try await asNobody(["/usr/bin/gcore", "-o", core, "\(pid)"])
                #expect(!FileManager.default.fileExists(atPath: "\(core).\(pid)"))
            }
        }
    }

    @Test func `Y04 L07 the private keys are in the signer's memory and nowhere else`() async throws {
        let house = try await Installation()
        try await house.enrolAdmin()
        let keys = try SealedKeys(folder: "\(house.data)/signer")
        #expect(keys.secrets.count == 7)
        let signer = try Memory(of: try #require(house.signerPID))
        for secret in keys.secrets { #expect(signer.holds(secret), "the search finds what is there") }

        let server = try Memory(of: house.serverPID)
        let files = FileManager.default.enumerator(atPath: house.data)?.allObjects as? [String] ?? []
        var places = [("the server's memory", server)]
        for file in files + ["../log"] {
            guard let bytes = FileManager.default.contents(atPath: "\(house.data)/\(file)") else { continue }
            places.append((file, Memory(bytes)))
        }
        #expect(places.contains { $0.0 == "keyreeve.db" } && places.contains { $0.0 == "signer/signer.keys" })
        for (name, place) in places {
            for secret in keys.secrets { #expect(!place.holds(secret), "a private key is in \(name)") }
        }
        #expect(!server.holds(keys.master), "the server never reads the signer's key file")
    }

    private func statuses(_ pid: Int32) throws -> [(String, String)] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task").compactMap { task in
            // A thread may have ended meanwhile.
            guard let text = try? String(contentsOfFile: "/proc/\(pid)/task/\(task)/status", encoding: .utf8)
            else { return nil }
            return (task, text)
        }
    }

    private func asNobody(_ command: [String]) async throws -> Program.Ending {
        try await Program.run(
            "/usr/bin/setpriv", ["--reuid", "nobody", "--regid", "nogroup", "--clear-groups"] + command)
    }
}

/// What root finds where it looks: the memory of a process, or the bytes of a file.
private struct Memory {
    private let parts: [Data]

    init(_ bytes: Data) { parts = [bytes] }

    /// Every readable mapping (proc(5)).
    init(of pid: Int32) throws {
        let maps = try String(contentsOfFile: "/proc/\(pid)/maps", encoding: .utf8)
        let file = try #require(FileHandle(forReadingAtPath: "/proc/\(pid)/mem"))
        var parts: [Data] = []
        for line in maps.split(separator: "\n") {
            let words = line.split(separator: " ")
            let bounds = words[0].split(separator: "-").compactMap { UInt64($0, radix: 16) }
            // Only what can be written to can hold a secret; the rest is the program itself.
            guard words[1].hasPrefix("rw"), bounds.count == 2, bounds[1] - bounds[0] <= 1 << 28 else {
                continue
            }
            try file.seek(toOffset: bounds[0])
            guard let bytes = try? file.read(upToCount: Int(bounds[1] - bounds[0])) else { continue }
            parts.append(bytes)
        }
        self.parts = parts
    }

    /// As it is, and as a library of numbers keeps it: the lowest byte first; also as text.
    func holds(_ secret: [UInt8]) -> Bool {
        let forms = [
            Data(secret), Data(secret.reversed()), Data(Data(secret).base64EncodedString().utf8.prefix(42)),
            Data(secret.map { String(format: "%02x", $0) }.joined().utf8),
        ]
        return parts.contains { part in forms.contains { part.range(of: $0) != nil } }
    }
}

/// The signer's private keys, opened as Docs/SIGNER-PROTOCOL.md describes the files.
private struct SealedKeys {
    let master: [UInt8]
    let secrets: [[UInt8]]

    init(folder: String) throws {
        master = Array(try #require(FileManager.default.contents(atPath: "\(folder)/signer.key")))
        let sealed = Array(try #require(FileManager.default.contents(atPath: "\(folder)/signer.keys")))
        let head = sealed.prefix(48)
        let key = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: master), salt: head.dropFirst(16),
            info: Array("keyreeve sealed file signer.keys".utf8), outputByteCount: 32)
        let box = try ChaChaPoly.SealedBox(combined: sealed.dropFirst(48))
        var reader = WireReader(Array(try ChaChaPoly.open(box, using: key, authenticating: head)))
        _ = try reader.text()
        var secrets: [[UInt8]] = []
        for _ in 0..<(try reader.uint32()) {
            for _ in 0..<3 { _ = try reader.text() }
            secrets.append(Array(try reader.string()))
        }
        self.secrets = secrets
    }
}
