package import Posix

/// Keeps a signer of our own running: starts the program that lies beside ours, and again at once when it
/// ends.
///
/// For the embedded default. The signer ends with this process, whatever ends it.
package final class SignerProcess: Sendable {
    private static let program = "reeve-signer"

    private let kept: KeptProgram

    /// - Parameters:
    ///   - executable: The signer; without it the `reeve-signer` beside the running program.
    ///   - folder: Where its sealed files are, or shall be.
    ///   - report: Takes sentences about starts and ends.
    /// - Throws: When it cannot be found out where the running program lies.
    package init(
        executable: String? = nil, folder: String, socket: String, keyFile: String,
        report: @escaping @Sendable (String) -> Void
    ) throws(PosixError) {
        let path: String
        if let executable { path = executable } else { path = try KeptProgram.besideUs(Self.program) }
        kept = KeptProgram(
            "the signer", executable: path,
            arguments: [
                "serve", "--embedded", "--parent", String(CurrentProcess.pid), "--data", folder, "--socket",
                socket,
                "--key-file", keyFile,
            ], report: report)
    }

    /// Runs `reeve-signer log restart` beside us to its end; no signer may run on the folder.
    ///
    /// - Returns: Its exit status.
    package static func restartLog(folder: String, keyFile: String) throws(PosixError) -> Int32 {
        try ChildProcess(
            try KeptProgram.besideUs(program),
            ["log", "restart", "--data", folder, "--key-file", keyFile]
        ).wait()
    }

    /// Runs `reeve-signer check` beside us to its end; a signer may run on the folder.
    ///
    /// - Returns: Its exit status, and a sentence for each fault.
    package static func check(
        folder: String, keyFile: String
    ) throws(PosixError) -> (status: Int32, faults: [String]) {
        let ending = try ChildProcess.output(
            of: try KeptProgram.besideUs(program),
            ["check", "--data", folder, "--key-file", keyFile], limit: 65_536)
        let lines = ending.output.split(separator: UInt8(ascii: "\n")).map {
            String(decoding: $0, as: UTF8.self)
        }
        return (ending.status, lines)
    }

    /// Starts the signer.
    package func start() throws(PosixError) { try kept.start() }

    /// Ends the signer for good.
    package func stop() { kept.stop() }

    /// The running signer's process id; nil between two of them.
    package var pid: Int32? { kept.pid }
}
