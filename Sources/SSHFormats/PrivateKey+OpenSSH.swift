/// Key files that begin with `-----BEGIN OPENSSH PRIVATE KEY-----` (OpenSSH's PROTOCOL.key), without a
/// passphrase.
extension PrivateKey {
    private static let begin = "-----BEGIN OPENSSH PRIVATE KEY-----"
    private static let end = "-----END OPENSSH PRIVATE KEY-----"
    private static let magic = Array("openssh-key-v1\0".utf8)
    private static let fileLimit = 65_536

    /// Reads a key file. The comment inside is dropped.
    ///
    /// - Throws: ``KeyError``; ``KeyError/encrypted(_:)`` if it needs a passphrase.
    public init(openSSH text: String) throws(KeyError) {
        let bytes = try Self.armoured(text)
        guard bytes.starts(with: Self.magic) else { throw .malformed("openssh-key-v1") }
        var reader = WireReader(bytes.dropFirst(Self.magic.count))
        let (publicBlob, content) = try Self.sections(&reader)
        try self.init(content: content)
        guard publicBlob.elementsEqual(publicKey.blob) else { throw .halvesDiffer }
    }

    /// The key file, with this comment inside. It ends with a line end.
    ///
    /// The file does not hold random numbers: the same key gives the same text.
    public func openSSHText(comment: String = "") -> String {
        var writer = WireWriter(capacity: 2048)
        writer.raw(Self.magic)
        writer.string("none")
        writer.string("none")
        writer.string("")
        writer.uint32(1)
        writer.string(publicKey.blob)
        writer.string(content(comment: comment))
        let letters = Base64.encode(writer.bytes)
        var text = Self.begin + "\n"
        for start in stride(from: 0, to: letters.count, by: 70) {
            text += String(decoding: letters[start..<min(start + 70, letters.count)], as: UTF8.self) + "\n"
        }
        return text + Self.end + "\n"
    }

    private static func armoured(_ text: String) throws(KeyError) -> [UInt8] {
        guard text.utf8.count <= fileLimit else { throw .wire(.tooLong(text.utf8.count, limit: fileLimit)) }
        let blanks: [UInt8] = [UInt8(ascii: "\r"), UInt8(ascii: " "), UInt8(ascii: "\t")]
        var lines = text.utf8.split(separator: UInt8(ascii: "\n")).map { line in
            line.filter { !blanks.contains($0) }
        }
        lines.removeAll { $0.isEmpty }
        let mark: (String) -> [UInt8] = { text in text.utf8.filter { $0 != UInt8(ascii: " ") } }
        guard lines.first == mark(begin), lines.last == mark(end), lines.count > 2 else {
            throw .malformed(begin)
        }
        let letters = Array(lines.dropFirst().dropLast().joined())
        return try KeyError.wrap { () throws(WireError) in try Base64.decode(letters[...]) }
    }

    private static func sections(
        _ reader: inout WireReader
    ) throws(KeyError) -> (publicBlob: ArraySlice<UInt8>, content: ArraySlice<UInt8>) {
        let (cipher, derivation, options, count) = try KeyError.wrap { () throws(WireError) in
            (
                try reader.text(limit: 64), try reader.text(limit: 64), try reader.string(limit: 1024),
                try reader.uint32()
            )
        }
        guard cipher == "none", derivation == "none" else { throw .encrypted(cipher) }
        guard options.isEmpty, count == 1 else { throw .malformed("one key") }
        return try KeyError.wrap { () throws(WireError) in
            let sections = (try reader.string(), try reader.string())
            try reader.end()
            return sections
        }
    }

    private init(content: ArraySlice<UInt8>) throws(KeyError) {
        var reader = WireReader(content)
        let (check, again, name) = try KeyError.wrap { () throws(WireError) in
            (try reader.uint32(), try reader.uint32(), try reader.text(limit: 256))
        }
        guard check == again else { throw .malformed("check numbers") }
        guard let type = KeyType(name: name) else { throw .unknownType(name) }
        let secret = try PrivateNumbers(of: type, from: &reader)
        _ = try KeyError.wrap { () throws(WireError) in try reader.string(limit: 4096) }
        let padding = reader.remaining
        guard padding.count < 8, padding.elementsEqual((1..<8).prefix(padding.count)), content.count % 8 == 0
        else { throw .malformed("padding") }
        try self.init(secret)
    }

    private func content(comment: String) -> [UInt8] {
        let check = publicKey.fingerprint.bytes.prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        var writer = WireWriter(capacity: 2048)
        writer.uint32(check)
        writer.uint32(check)
        writer.string(publicKey.type.name)
        secret.write(to: &writer)
        writer.string(comment.utf8.filter { $0 >= 0x20 && $0 != 0x7f })
        var padding: UInt8 = 1
        while writer.bytes.count % 8 != 0 {
            writer.byte(padding)
            padding += 1
        }
        return writer.bytes
    }
}
