import CPosix
import Glibc

/// Where programs say what is wrong.
public enum StandardError {
    /// Writes the text at once; what cannot be written is lost.
    public static func write(_ text: String) { write(Array(text.utf8)) }

    public static func write(_ bytes: [UInt8]) {
        var done = 0
        while done < bytes.count {
            let count = retry {
                unsafe bytes[done...].withUnsafeBytes { unsafe Glibc.write(2, $0.baseAddress, $0.count) }
            }
            guard count > 0 else { return }
            done += count
        }
    }
}
