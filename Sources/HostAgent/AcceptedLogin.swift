package import SSHFormats

/// A line of sshd's log that says by what somebody was let in, and over which connection.
///
/// sshd writes it once a signature was verified: `Accepted publickey for LOGIN from ADDRESS port N ssh2: TYPE
/// SHA256:…`, and behind that for a certificate ` ID KEYID (serial N) CA TYPE SHA256:…`. `Partial` stands in place of
/// `Accepted` where more is asked for. What is merely offered is written as another line, and counts for nothing.
package struct AcceptedLogin: Hashable, Sendable {
    package let login: String
    package let connection: ConnectionEnd
    /// Whether more was asked for after it.
    package let isPartial: Bool
    /// nil for what is no key.
    package let key: Fingerprint?
    /// nil for what is no certificate.
    package let certificate: Used?
    /// The process that wrote it, where the log says so.
    package let pid: Int32?

    /// What is told of a certificate.
    package struct Used: Hashable, Sendable {
        package let serial: UInt64
        /// The key that signed it.
        package let authority: Fingerprint
    }

    /// - Returns: nil for every other line.
    package init?(_ line: String, pid: Int32? = nil) {
        let words = line.utf8.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard words.count >= 9, ["Accepted", "Partial"].contains(words[0]), words[2] == "for",
            words[4] == "from", words[6] == "port", words[8].hasPrefix("ssh2"), let port = UInt16(words[7])
        else { return nil }
        login = words[3]
        connection = ConnectionEnd(address: words[5], port: port)
        isPartial = words[0] == "Partial"
        self.pid = pid
        guard words[1] == "publickey" else {
            (key, certificate) = (nil, nil)
            return
        }
        guard words.count >= 11, let key = try? Fingerprint(text: words[10]) else { return nil }
        self.key = key
        certificate = Used(words[11...])
        guard certificate != nil || !words[9].hasSuffix("-CERT") else { return nil }
    }
}

extension AcceptedLogin.Used {
    /// `ID … (serial N) CA TYPE SHA256:…`, read from its end: the key ID is the issuer's choice and may hold anything.
    fileprivate init?(_ words: ArraySlice<String>) {
        let end = Array(words.suffix(5))
        guard words.first == "ID", words.count >= 6, end[0] == "(serial", end[1].hasSuffix(")"),
            end[2] == "CA", let serial = UInt64(end[1].dropLast()),
            let authority = try? Fingerprint(text: end[4])
        else { return nil }
        self.init(serial: serial, authority: authority)
    }
}

/// The other end of a TCP connection, as sshd writes it.
package struct ConnectionEnd: Hashable, Sendable {
    package let address: String
    package let port: UInt16

    package init(address: String, port: UInt16) {
        self.address = address
        self.port = port
    }
}
