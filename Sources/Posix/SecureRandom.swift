import CPosix
import Glibc

/// Bytes from the kernel's generator (getrandom(2)); waits until it is seeded.
///
/// - Throws: What `getrandom` says; on Linux that is `ENOSYS` alone, never for lack of entropy.
public func secureRandom(_ count: Int) throws(PosixError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var done = 0
    while done < count {
        let read = retry {
            unsafe bytes[done...].withUnsafeMutableBytes { unsafe getrandom($0.baseAddress, $0.count, 0) }
        }
        guard read > 0 else { throw .last("getrandom") }
        done += read
    }
    return bytes
}
