package import Posix

/// Why a conversation with a worker cannot go on.
package enum PAMFault: Error, Hashable, Sendable {
    /// The other end has closed: a worker that crashed, was ended, or had no room.
    case closed
    /// Nothing came before the deadline.
    case silent
    /// What came is not of this protocol.
    case malformed(String)
    case system(PosixError)
}
