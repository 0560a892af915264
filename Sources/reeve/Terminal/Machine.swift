import Glibc

/// This machine, as it calls itself.
enum Machine {
    /// The first part of the machine's name in the letters of names, at most 32 of them.
    static func name() -> String {
        var buffer = [UInt8](repeating: 0, count: 256)
        let result: Int32 = unsafe buffer.withUnsafeMutableBytes { bytes in
            guard let base = unsafe bytes.assumingMemoryBound(to: CChar.self).baseAddress else { return -1 }
            return unsafe gethostname(base, bytes.count - 1)
        }
        guard result == 0 else { return "device" }
        let name = buffer.prefix { $0 != 0 && $0 != UInt8(ascii: ".") }.map { byte -> UInt8 in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte | 0x20
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): byte
            default: UInt8(ascii: "-")
            }
        }
        let hyphen = UInt8(ascii: "-")
        var cleaned = Array(name.drop { $0 == hyphen }.prefix(32))
        while cleaned.last == hyphen { cleaned.removeLast() }
        return cleaned.isEmpty ? "device" : String(decoding: cleaned, as: UTF8.self)
    }

    /// What a person is shown elsewhere who is to let this program in.
    static var client: String { "reeve on \(name())" }

    /// Whether a browser here would be somebody else's: the terminal is a remote one, and no desktop or `$BROWSER` is there.
    static var isRemote: Bool {
        Environment.value("SSH_CONNECTION") != nil
            && ["BROWSER", "DISPLAY", "WAYLAND_DISPLAY"].allSatisfy { Environment.value($0) == nil }
    }
}
