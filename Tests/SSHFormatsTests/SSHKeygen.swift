import Foundation

/// Runs OpenSSH's tools in a folder of their own, in UTC; the folder goes when this goes.
final class SSHKeygen {
    let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "sshformats-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: folder)
    }

    /// What `ssh-keygen` prints, and its exit status. FIDO keys live in the token that openssh-tests plays.
    @discardableResult
    func run(_ arguments: [String], input: String? = nil) throws -> (output: String, status: Int32) {
        let process = Process()
        let output = folder.appending(path: ".output")
        _ = FileManager.default.createFile(atPath: output.path, contents: nil)
        process.executableURL = URL(filePath: "/usr/bin/ssh-keygen")
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.environment = [
            "TZ": "UTC", "PATH": "/usr/bin:/bin", "HOME": folder.path,
            "SSH_SK_PROVIDER": "/usr/lib/openssh/regress/misc/sk-dummy/sk-dummy.so",
        ]
        let source = try input.map { try FileHandle(forReadingFrom: folder.appending(path: $0)) }
        process.standardInput = source ?? FileHandle.nullDevice
        let handle = try FileHandle(forWritingTo: output)
        process.standardOutput = handle
        process.standardError = handle
        try process.run()
        process.waitUntilExit()
        try handle.close()
        try source?.close()
        return (try String(contentsOf: output, encoding: .utf8), process.terminationStatus)
    }

    func write(_ text: String, to name: String) throws {
        try write(Array(text.utf8), to: name)
    }

    func write(_ bytes: [UInt8], to name: String) throws {
        let path = folder.appending(path: name).path
        _ = FileManager.default.createFile(
            atPath: path, contents: Data(bytes), attributes: [.posixPermissions: 0o600])
    }

    func text(_ name: String) throws -> String {
        try String(contentsOf: folder.appending(path: name), encoding: .utf8)
    }

    func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: folder.appending(path: name)))
    }
}
