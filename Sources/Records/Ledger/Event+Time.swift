import Authority
import SSHFormats

extension Event {
    /// When the newest event that is kept happened; nil before the first.
    static func newest(_ session: any SQLSession) throws(StoreError) -> UnixTime? {
        let row = try session.row("SELECT bytes FROM event ORDER BY idx DESC LIMIT 1", [])
        guard let row else { return nil }
        return time(of: try row.bytes(0))
    }

    /// When an event of these bytes happened: they begin with it (Docs/FORMATS.md).
    static func time(of bytes: [UInt8]) -> UnixTime? {
        let head = Array("{\"time\":".utf8)
        guard bytes.starts(with: head) else { return nil }
        let digits = bytes.dropFirst(head.count).prefix { (0x30...0x39).contains($0) }
        return UInt64(String(decoding: digits, as: UTF8.self)).map { UnixTime($0) }
    }
}
