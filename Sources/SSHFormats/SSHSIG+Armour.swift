/// The text form, between `-----BEGIN SSH SIGNATURE-----` and `-----END SSH SIGNATURE-----` (PROTOCOL.sshsig §1).
extension SSHSIG {
    /// The longest text that is read, in bytes.
    public static let textLimit = 524_288

    private static let begin = Array("-----BEGIN SSH SIGNATURE-----".utf8)
    private static let end = Array("-----END SSH SIGNATURE-----".utf8)

    /// Reads the text form. Lines may be of any length and end in LF or CRLF.
    ///
    /// - Throws: ``SSHSIGError``; ``SSHSIGError/badArmour`` also if anything but blanks stands behind the last line:
    ///   `ssh-keygen` ignores it, but who reads the file would take it for signed.
    public init(armoured text: String) throws(SSHSIGError) {
        try self.init(armoured: Array(text.utf8))
    }

    /// Reads the text form, given as bytes.
    ///
    /// - Throws: as ``init(armoured:)-(String)``
    public init(armoured text: [UInt8]) throws(SSHSIGError) {
        guard text.count <= Self.textLimit else { throw .wire(.tooLong(text.count, limit: Self.textLimit)) }
        let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard let first = lines.first, Self.trimmed(first).elementsEqual(Self.begin),
            first.first == UInt8(ascii: "-"),
            let last = lines.firstIndex(where: { $0.starts(with: Self.end) }), last > 0,
            Self.trimmed(lines[last]).elementsEqual(Self.end),
            lines[(last + 1)...].allSatisfy({ Self.trimmed($0).isEmpty })
        else { throw .badArmour }
        let letters = Array(lines[1..<last].joined()).filter { !Self.isBlank($0) }
        let blob = try SSHSIGError.wrap { () throws(WireError) in try Base64.decode(letters[...]) }
        try self.init(blob: blob)
    }

    /// The text form, 70 letters in a line, as `ssh-keygen -Y sign` writes it. It ends with a line end.
    public var armoured: String {
        let letters = Base64.encode(blob)
        var text = Self.begin + [UInt8(ascii: "\n")]
        text.reserveCapacity(letters.count + letters.count / 70 + 64)
        for start in stride(from: 0, to: letters.count, by: 70) {
            text += letters[start..<min(start + 70, letters.count)]
            text.append(UInt8(ascii: "\n"))
        }
        return String(decoding: text + Self.end + [UInt8(ascii: "\n")], as: UTF8.self)
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\r") || KeyLine.isBlank(byte) }

    private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var line = line.drop(while: isBlank)
        while let last = line.last, isBlank(last) { line.removeLast() }
        return line
    }
}

extension SSHSIG: CustomStringConvertible {
    /// The text form.
    public var description: String { armoured }
}
