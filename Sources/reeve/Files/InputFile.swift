import CPosix
import Glibc
import Posix

/// A file, descriptor or standard input that is read once.
struct InputFile {
    private let number: Int32
    private let isOurs: Bool

    /// Opens a path; `-` is standard input.
    init(path: String) throws {
        guard path != "-" else {
            self.init(number: STDIN_FILENO, isOurs: false)
            return
        }
        let number = unsafe posix_open(path, O_RDONLY | O_CLOEXEC, 0)
        guard number >= 0 else { throw PosixError("open", path: path, code: errno) }
        self.init(number: number, isOurs: true)
    }

    /// An open descriptor, such as one that a shell made.
    init(descriptor: Int32) { self.init(number: descriptor, isOurs: false) }

    private init(number: Int32, isOurs: Bool) {
        self.number = number
        self.isOurs = isOurs
    }

    /// Reads to the end.
    ///
    /// - Throws: ``PosixError`` with `EFBIG` above the limit, in bytes.
    func readAll(limit: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        try forEachChunk { chunk in
            guard bytes.count + chunk.count <= limit else { throw PosixError("read", code: EFBIG) }
            bytes += chunk
        }
        return bytes
    }

    /// Reads to the end, 64 KiB at a time, and closes what was opened.
    func forEachChunk(_ take: (ArraySlice<UInt8>) throws -> Void) throws {
        defer { if isOurs { close(number) } }
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe read(number, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw PosixError("read", code: errno) }
            guard count > 0 else { return }
            try take(chunk.prefix(count))
        }
    }
}

extension InputFile {
    /// The text of a path, at most 1 MiB.
    static func text(_ path: String) throws -> String {
        let bytes = try InputFile(path: path).readAll(limit: 1 << 20)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Fault(.usage, "\(path) is not UTF-8", next: "Give a text file.")
        }
        return text
    }
}
