import HostDocuments
import SSHFormats
import Testing

@Suite struct `A host state` {
    private let key: PublicKey

    init() throws { key = try PrivateKey.generate(.ed25519).publicKey }

    private func state(
        host: String = "web1", issuedAt: UInt64 = 1, notAfter: UInt64 = 2, krlHash: Int = 32,
        labels: [String] = ["env=staging", "dc=fra"], keys: Int = 1
    ) throws -> HostState {
        try HostState(
            host: host, epoch: 3, version: 4, issuedAt: issuedAt, notAfter: notAfter,
            krlHash: [UInt8](repeating: 7, count: krlHash), hostKRLHash: [UInt8](repeating: 8, count: 32),
            labels: labels, userCAKeys: [PublicKey](repeating: key, count: keys))
    }

    @Test func `is read back from its one encoding`() throws {
        let state = try state()
        #expect(state.labels == ["dc=fra", "env=staging"])
        #expect(try HostState(decoding: state.encoded) == state)
    }

    @Test(arguments: ["", "Web1", "web 1", "web1\n", "wéb", String(repeating: "a", count: 254)])
    func `has a host name of plain bytes`(_ host: String) {
        #expect(throws: HostStateError.field("host")) { try state(host: host) }
    }

    @Test(arguments: [["env"], ["=a"], ["a="], ["a=b=c"], ["a=B"], ["a=b", "a=b"], ["a@b=c"]])
    func `has labels of the form key=value, none twice`(_ labels: [String]) {
        #expect(throws: HostStateError.field("labels")) { try state(labels: labels) }
    }

    @Test func `has every field within its range`() {
        #expect(throws: HostStateError.field("notAfter")) { try state(issuedAt: 2) }
        #expect(throws: HostStateError.field("krlHash")) { try state(krlHash: 31) }
        #expect(throws: HostStateError.field("userCAKeys")) { try state(keys: 0) }
        #expect(throws: HostStateError.field("userCAKeys")) { try state(keys: 2) }
    }

    @Test func `cut or longer is refused`() throws {
        let good = try state().encoded
        for count in 0..<good.count {
            #expect(throws: HostStateError.self) { try HostState(decoding: Array(good.prefix(count))) }
        }
        #expect(throws: HostStateError.wire(.trailing(1))) { try HostState(decoding: good + [0]) }
    }

    @Test func `with its labels in another order is refused`() throws {
        let good = try state().encoded
        let swapped = try good.replacingFirst("dc=fra", "env=staging")
        #expect(throws: HostStateError.field("labels")) { try HostState(decoding: swapped) }
    }

    @Test func `is older by epoch first`() throws {
        func version(_ epoch: UInt64, _ version: UInt64) throws -> HostState {
            try HostState(
                host: "a", epoch: epoch, version: version, issuedAt: 0, notAfter: 1,
                krlHash: [UInt8](repeating: 0, count: 32), hostKRLHash: [UInt8](repeating: 0, count: 32),
                labels: [], userCAKeys: [key])
        }
        #expect(try version(1, 9).isOlder(than: version(2, 0)))
        #expect(try version(2, 0).isOlder(than: version(2, 1)))
        #expect(try !version(2, 1).isOlder(than: version(2, 1)))
    }
}

extension [UInt8] {
    /// The bytes with two strings, each with its length before it, exchanged.
    fileprivate func replacingFirst(_ first: String, _ second: String) throws -> [UInt8] {
        var wanted = WireWriter()
        wanted.string(first)
        wanted.string(second)
        var exchanged = WireWriter()
        exchanged.string(second)
        exchanged.string(first)
        let place = try #require(firstRange(of: wanted.bytes))
        return Array(self[..<place.lowerBound] + exchanged.bytes + self[place.upperBound...])
    }
}
