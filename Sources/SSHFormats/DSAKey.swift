/// A DSA key (RFC 4253 §6.6), for showing alone: it is refused wherever a key stands.
package struct DSAKey: Sendable {
    package static let typeName = "ssh-dss"
    static let certificateName = "ssh-dss-cert-v01@openssh.com"

    package let blob: [UInt8]
    /// Of p, as `ssh-keygen -l` prints it.
    package let bits: Int

    /// Reads a line `ssh-dss AAAA… comment`; the comment is dropped.
    package init(text: String) throws(KeyError) {
        let line = try KeyLine(text)
        guard line.name == Self.typeName else {
            throw .typeMismatch(named: line.name, inside: Self.typeName)
        }
        try self.init(blob: line.blob)
    }

    /// - Throws: ``KeyError`` for a key of another type, too.
    package init(blob: some Collection<UInt8>) throws(KeyError) {
        var reader = WireReader(Array(blob))
        let name = try KeyError.wrap { () throws(WireError) in try reader.text(limit: 256) }
        guard name == Self.typeName else { throw .typeMismatch(named: name, inside: Self.typeName) }
        try self.init(from: &reader)
        try KeyError.wrap { () throws(WireError) in try reader.end() }
    }

    /// Reads p, q, g and y, as they stand inside a certificate too.
    init(from reader: inout WireReader) throws(KeyError) {
        var writer = WireWriter()
        writer.string(Self.typeName)
        var bits = 0
        for number in 0..<4 {
            let value = try KeyError.wrap { () throws(WireError) in
                try reader.mpint(limit: KeyNumbers.modulusLimit)
            }
            if number == 0 { bits = bitLength(value) }
            writer.mpint(Array(value))
        }
        self.bits = bits
        blob = writer.bytes
    }

    package var fingerprint: Fingerprint { Fingerprint(of: blob) }
    /// The line for `.pub` files, without a comment.
    package var text: String { KeyLine.text(name: Self.typeName, blob: blob, comment: nil) }
}
