import CLibssh
import SSHFormats

/// The one channel of a connection: a command's input, output and errors. Blocking.
@safe final class SSHChannel: DoorVisit {
    /// Largest piece that is read at once, in bytes.
    private static let piece = 4096

    let raw: OpaquePointer
    private let session: SSHSession
    /// Whether the client's terminal shows what comes as it comes: its lines need their carriage returns.
    var hasTerminal = false
    /// libssh keeps pointers to both for as long as the channel lives.
    private let callbacks: UnsafeMutablePointer<ssh_channel_callbacks_struct>
    private let agentFlag: UnsafeMutablePointer<Int32>

    init?(_ raw: OpaquePointer?, of session: SSHSession) {
        guard let raw = unsafe raw else { return nil }
        unsafe self.raw = raw
        self.session = session
        unsafe callbacks = .allocate(capacity: 1)
        unsafe callbacks.initialize(to: ssh_channel_callbacks_struct())
        unsafe agentFlag = .allocate(capacity: 1)
        unsafe agentFlag.initialize(to: 0)
        guard unsafe libssh_watch_agent(raw, callbacks, agentFlag) == SSH_OK else { return nil }
    }

    deinit {
        _ = unsafe ssh_remove_channel_callbacks(raw, callbacks)
        unsafe callbacks.deallocate()
        unsafe agentFlag.deallocate()
    }

    /// Whether the client offered its agent for this channel.
    var offersAgent: Bool { unsafe agentFlag.pointee == 1 }

    func say(_ line: String) { write(line, isError: false) }
    func note(_ line: String) { write(line, isError: true) }

    private func write(_ line: String, isError: Bool) {
        let bytes = Array((line + (hasTerminal ? "\r\n" : "\n")).utf8)
        _ = unsafe bytes.withUnsafeBytes { buffer in
            let count = UInt32(buffer.count)
            return isError
                ? unsafe ssh_channel_write_stderr(raw, buffer.baseAddress, count)
                : unsafe ssh_channel_write(raw, buffer.baseAddress, count)
        }
    }

    /// What the client sends, to its end.
    ///
    /// - Returns: nil when it is longer than `limit`, or takes longer than that.
    func input(limit: Int, milliseconds: Int32) -> [UInt8]? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: SSHChannel.piece)
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes {
                unsafe ssh_channel_read_timeout(raw, $0.baseAddress, UInt32($0.count), 0, milliseconds)
            }
            if count > 0 { bytes += buffer.prefix(Int(count)) }
            guard bytes.count <= limit else { return nil }
            if unsafe ssh_channel_is_eof(raw) != 0, count <= 0 { return bytes }
            guard count > 0 else { return nil }
        }
    }

    /// The client's agent, through a channel that is opened to it.
    ///
    /// - Throws: ``SSHFault/noAgent``
    func agent() throws -> any AgentTransport {
        guard offersAgent, let channel = unsafe ssh_channel_new(session.raw) else { throw SSHFault.noAgent }
        guard unsafe ssh_channel_open_auth_agent(channel) == SSH_OK else {
            unsafe ssh_channel_free(channel)
            throw SSHFault.noAgent
        }
        return unsafe ForwardedAgent(channel)
    }

    /// Tells the client how it ended.
    func finish(_ status: Int32) {
        _ = unsafe ssh_channel_request_send_exit_status(raw, status)
        _ = unsafe ssh_channel_send_eof(raw)
        _ = unsafe ssh_channel_close(raw)
    }
}
