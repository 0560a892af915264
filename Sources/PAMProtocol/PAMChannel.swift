package import Posix
import Synchronization

/// One end of a conversation: whole frames over a connection. Blocking; one thread at a time reads.
package final class PAMChannel: Sendable {
    private static let readLimit = 16_384
    /// How long the other end may take to fetch what is sent, in milliseconds.
    private static let patience: UInt64 = 5_000

    private let connection: UnixConnection
    private let decoder = Mutex(PAMFrameDecoder())

    package init(_ connection: UnixConnection) { self.connection = connection }

    package func send(_ frame: PAMFrame) throws(PAMFault) {
        do {
            try connection.write(frame.bytes, deadline: .after(milliseconds: Self.patience))
        } catch { throw .system(error) }
    }

    /// The next frame; what has come of one at the deadline is kept for the next time.
    ///
    /// - Throws: ``PAMFault/closed``, ``PAMFault/silent``, ``PAMFault/malformed(_:)``.
    package func receive(before deadline: Deadline) throws(PAMFault) -> PAMFrame {
        while true {
            if let frame = try next() { return frame }
            let bytes: [UInt8]
            do { bytes = try connection.read(upTo: Self.readLimit, deadline: deadline) } catch {
                guard !error.isTimeout else { throw .silent }
                throw .system(error)
            }
            guard !bytes.isEmpty else { throw .closed }
            decoder.withLock { $0.append(bytes) }
        }
    }

    /// Ends the conversation for both ends.
    package func close() { connection.shutdown() }

    private func next() throws(PAMFault) -> PAMFrame? {
        try decoder.withLock { decoder throws(PAMFault) in try decoder.next() }
    }
}
