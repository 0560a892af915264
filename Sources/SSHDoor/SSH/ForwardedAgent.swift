import CLibssh
import SSHFormats

/// The agent of a client, through its SSH connection. Each answer has 20 s: a person may have to confirm.
@safe final class ForwardedAgent: AgentTransport {
    private static let milliseconds: Int32 = 20_000
    private let channel: OpaquePointer

    init(_ channel: OpaquePointer) { unsafe self.channel = channel }

    deinit {
        _ = unsafe ssh_channel_close(channel)
        unsafe ssh_channel_free(channel)
    }

    func exchange(_ request: [UInt8]) throws -> [UInt8] {
        var done = 0
        while done < request.count {
            let count = unsafe request[done...].withUnsafeBytes {
                unsafe ssh_channel_write(channel, $0.baseAddress, UInt32($0.count))
            }
            guard count > 0 else { throw SSHFault.over }
            done += Int(count)
        }
        let head = try read(4)
        return head + (try read(try AgentFrame.bodyLength(head)))
    }

    private func read(_ count: Int) throws(SSHFault) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let more = unsafe bytes[done...].withUnsafeMutableBytes {
                unsafe ssh_channel_read_timeout(
                    channel, $0.baseAddress, UInt32($0.count), 0, ForwardedAgent.milliseconds)
            }
            guard more > 0 else { throw .over }
            done += Int(more)
        }
        return bytes
    }
}
