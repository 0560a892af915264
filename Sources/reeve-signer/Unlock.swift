import ArgumentParser
import Posix
import SSHFormats
import SignerProtocol
import SignerVault

/// `reeve-signer unlock`: brings a sealed signer its key.
struct Unlock: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Unlock a signer that started sealed.",
        discussion: """
            The 32 bytes of the key file come from standard input, or from a file that this machine need not keep. Only the \
            signer's own user can unlock it.
            """)

    @Option(help: "Path of the signer's Unix socket.")
    var socket: String

    @Option(help: "The key file; without it standard input is read.")
    var keyFile: String?

    @Option(help: "The signer's user, to become once the key is read; needs root.")
    var user: String?

    func run() throws {
        try CommandFault.reported {
            try ProcessHardening.apply()
            let key = UnlockKey(try read())
            if let user {
                try ProcessHardening.become(try PosixUser(named: user))
                try ProcessHardening.apply()
            }
            try unlock(key)
            print("unlocked")
        }
    }

    private func read() throws -> [UInt8] {
        guard let keyFile else { return try StandardInput.read(limit: 64) }
        return try DurableFile(keyFile).read(limit: 64)
    }

    private func unlock(_ key: UnlockKey) throws {
        let connection = try UnixConnection.connect(socket)
        var writer = WireWriter()
        SignerRequest.hello(version: SignerRequest.version).frame(id: 1).write(to: &writer)
        SignerRequest.unlock(key).frame(id: 2).write(to: &writer)
        let deadline = Deadline.after(milliseconds: 30_000)
        try connection.write(writer.bytes, deadline: deadline)
        var decoder = FrameDecoder()
        while true {
            let bytes = try connection.read(upTo: 65_536, deadline: deadline)
            guard !bytes.isEmpty else {
                throw SignerFault(.unavailable, "the signer closed the connection")
            }
            decoder.append(bytes)
            while let frame = try decoder.next() {
                if case .fault(let fault) = try SignerReply(frame) { throw fault }
                if frame.id == 2 { return }
            }
        }
    }
}
