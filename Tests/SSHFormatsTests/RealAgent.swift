import Foundation
import Glibc
import SSHFormats

/// OpenSSH's `ssh-agent` on a socket of its own; it ends with this, or with the process.
final class RealAgent: AgentTransport {
    private let process = Process()
    private let input = Pipe()
    private var agent: Int32 = 0
    private let path = "/tmp/sshformats-\(UUID().uuidString.prefix(8)).agent"

    init() throws {
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/ssh-agent")
        process.arguments = ["-a", path, "/bin/sh", "-c", "echo $SSH_AGENT_PID; exec cat"]
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        // The shell begins when the agent listens; the agent ends soon after its shell, should nobody end it.
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        agent = Int32(line.prefix { $0.isNumber }) ?? 0
    }

    deinit {
        if agent > 0 { kill(agent, SIGTERM) }
        process.terminate()
    }

    func exchange(_ request: [UInt8]) throws -> [UInt8] {
        let handle = FileHandle(fileDescriptor: try connected(), closeOnDealloc: true)
        try handle.write(contentsOf: Data(request))
        let header = try handle.read(upToCount: 4) ?? Data()
        let length = try AgentFrame.bodyLength(Array(header))
        var body = Data()
        while body.count < length, let more = try handle.read(upToCount: length - body.count), !more.isEmpty {
            body += more
        }
        return Array(header + body)
    }

    private func connected() throws -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
        let status = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard status == 0 else { throw AgentError.unexpectedReply }
        return descriptor
    }
}
