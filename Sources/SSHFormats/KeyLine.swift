/// The words of a line such as `ssh-ed25519 AAAA… comment`, cut at spaces and tabs as OpenSSH cuts them.
struct KeyLine {
    /// The longest line that is read, in bytes: OpenSSH's limit is near.
    static let limit = 262_144

    let name: String
    let blob: [UInt8]
    let comment: String

    /// Reads a whole line; one line end after it is forgiven.
    init(_ line: String) throws(KeyError) {
        try self.init(try Self.bytes(of: line)[...])
    }

    /// Reads the rest of a line that begins with the type's name.
    init(_ rest: ArraySlice<UInt8>) throws(KeyError) {
        var rest = rest
        let name = Self.word(&rest)
        let letters = Self.word(&rest)
        guard !name.isEmpty, !letters.isEmpty else { throw .malformed("type and Base64") }
        guard let name = String(validating: name, as: UTF8.self) else { throw .wire(.notUTF8) }
        guard let comment = String(validating: Self.trimmed(rest), as: UTF8.self) else {
            throw .wire(.notUTF8)
        }
        self.name = name
        self.comment = comment
        blob = try KeyError.wrap { () throws(WireError) in try Base64.decode(letters) }
    }

    /// The bytes of one line, without its end.
    ///
    /// - Throws: ``KeyError/malformed(_:)`` if there is a second line or a NUL, or the line is longer than
    ///   ``limit``.
    static func bytes(of line: String) throws(KeyError) -> [UInt8] {
        guard line.utf8.count <= limit else { throw .wire(.tooLong(line.utf8.count, limit: limit)) }
        var bytes = Array(line.utf8)
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        let strange: [UInt8] = [0, UInt8(ascii: "\n"), UInt8(ascii: "\r")]
        guard !bytes.contains(where: strange.contains) else { throw .malformed("one line") }
        return bytes
    }

    /// Takes one word off the front, with the white space before it.
    static func word(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let start = rest.drop(while: isBlank)
        let word = start.prefix { !isBlank($0) }
        rest = start.dropFirst(word.count)
        return word
    }

    static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

    static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var bytes = bytes.drop(while: isBlank)
        while let last = bytes.last, isBlank(last) { bytes.removeLast() }
        return bytes
    }

    /// One line for a key or certificate, without its end. Control characters in the comment are left out, so
    /// that it can never begin a second line.
    static func text(name: String, blob: [UInt8], comment: String?) -> String {
        var line = Array(name.utf8)
        line.append(UInt8(ascii: " "))
        line += Base64.encode(blob)
        let comment = (comment ?? "").utf8.filter { $0 >= 0x20 && $0 != 0x7f }
        if !comment.isEmpty { line += [UInt8(ascii: " ")] + comment }
        return String(decoding: line, as: UTF8.self)
    }
}
