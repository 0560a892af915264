import Glibc
import Synchronization

/// A password on its way to its hash: our one copy of it, wiped at the end of its life.
final class Password: Sendable {
    /// Longest password that is hashed, in bytes; every byte counts, NULs too.
    static let limit = 1024

    private let bytes: Mutex<[UInt8]>

    /// Nil when it is longer than ``limit``.
    init?(_ given: [UInt8]) {
        guard given.count <= Self.limit else { return nil }
        // Element by element, or the copy would share the caller's buffer and wiping would copy it once more.
        bytes = Mutex(given.map { $0 })
    }

    deinit {
        bytes.withLock { bytes in
            unsafe bytes.withUnsafeMutableBytes { buffer in
                guard let start = buffer.baseAddress else { return }
                unsafe explicit_bzero(start, buffer.count)
            }
        }
    }

    func withBytes<Result>(_ use: (UnsafeRawBufferPointer) -> Result) -> Result {
        let lent = bytes.withLock { $0 }
        return unsafe lent.withUnsafeBytes { unsafe use($0) }
    }
}
