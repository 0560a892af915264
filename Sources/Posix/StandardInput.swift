import Glibc

/// What is brought to a program by a pipe or a redirection.
public enum StandardInput {
    /// Reads to the end.
    ///
    /// - Throws: `EFBIG` when there is more than `limit` bytes.
    public static func read(limit: Int) throws(PosixError) -> [UInt8] {
        let copy = try Descriptor(dup(0), "dup")
        return try copy.readAll(limit: limit, path: "standard input")
    }
}
