public import AuthorityAPI
public import Names

/// What an enrolment link says: `https://HOST:PORT/enrol#TOKEN~PIN`; without `~PIN` the roots of the system decide. The token stands in the fragment, which no
/// server and no proxy sees.
public struct EnrolmentAddress: Sendable {
    public let server: ServerAddress
    public let token: Secret<String>
    public let pin: ServerPin

    /// Reads a link; white space around it is forgiven, since links are pasted.
    ///
    /// - Throws: ``AddressError``; no error repeats any part of the link.
    public init(_ text: String) throws(AddressError) {
        let bytes = text.utf8.filter { $0 > 0x20 }
        guard bytes.count <= 1024 else { throw .notALink }
        let parts = bytes.split(separator: UInt8(ascii: "#"), omittingEmptySubsequences: false)
        guard parts.count == 2, let address = parts.first, let fragment = parts.last,
            let server = Self.server(String(decoding: address, as: UTF8.self))
        else { throw .notALink }
        let halves = fragment.split(separator: UInt8(ascii: "~"), omittingEmptySubsequences: false)
        guard halves.count <= 2, let token = halves.first, !token.isEmpty,
            token.allSatisfy(ServerPin.isBase64URL)
        else { throw .notALink }
        self.server = try ServerAddress(server)
        self.token = Secret(String(decoding: token, as: UTF8.self))
        pin =
            try halves.dropFirst().first.map { half throws(AddressError) in
                try ServerPin(String(decoding: half, as: UTF8.self))
            } ?? .web
    }

    private static func server(_ address: String) -> String? {
        let path = "/enrol"
        guard address.hasSuffix(path) else { return nil }
        return String(address.dropLast(path.count))
    }
}
