package import Posix

/// Why the signer's files cannot be used.
package enum VaultError: Error, Hashable, Sendable, CustomStringConvertible {
    case posix(PosixError)
    /// There are no keys yet.
    case notPrepared(path: String)
    /// There are keys already; they are never replaced.
    case alreadyPrepared(path: String)
    /// Keys exist, but a file that must stand beside them does not.
    case missing(path: String)
    /// Damaged, moved from elsewhere, or sealed with another key file.
    case notOurs(path: String)
    /// The key file is not 32 bytes, or others may read it.
    case keyFile(path: String, String)
    /// A profile as text has a fault.
    case profile(String)
    /// The cryptography library refused its work.
    case cryptography

    package var description: String {
        switch self {
        case .posix(let error): "\(error)"
        case .notPrepared(let path): "\(path): there are no keys yet; make them with `reeve-signer init`"
        case .alreadyPrepared(let path): "\(path): there are keys already; they are never replaced"
        case .missing(let path):
            "\(path): this file is gone although there are keys; bring it back from a backup, since without it "
                + "the signer no longer knows what it signed"
        case .notOurs(let path): "\(path): damaged, or sealed with another key file"
        case .keyFile(let path, let reason): "\(path): \(reason)"
        case .profile(let reason): reason
        case .cryptography: "the cryptography library failed"
        }
    }

    static func wrap<Value>(_ body: () throws(PosixError) -> Value) throws(VaultError) -> Value {
        do { return try body() } catch { throw .posix(error) }
    }
}
