import CPosix
import Glibc

/// What the kernel refused: the call, the path it was about, and `errno`.
public struct PosixError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The call in words of the manual, such as `open`.
    public let call: String
    /// The path that it was about; nil where there is none.
    public let path: String?
    /// The `errno` value, such as `ENOENT`.
    public let code: Int32

    public init(_ call: String, path: String? = nil, code: Int32) {
        self.call = call
        self.path = path
        self.code = code
    }

    /// The error that the last call of this thread left behind.
    static func last(_ call: String, path: String? = nil) -> PosixError {
        PosixError(call, path: path, code: errno)
    }

    /// True when the file or socket is not there (`ENOENT`).
    public var isAbsent: Bool { code == ENOENT }

    /// True when the deadline passed (`ETIMEDOUT`).
    public var isTimeout: Bool { code == ETIMEDOUT }

    public var description: String {
        guard let path else { return "\(call): \(text)" }
        return "\(call) \(path): \(text)"
    }

    private var text: String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard unsafe strerror_r(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
        return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
