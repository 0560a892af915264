import Foundation
import SSHFormats
import Testing

@Suite struct `Talking to an agent` {
    @Test(arguments: PrivateKey.GenerableKind.allCases)
    func `OpenSSH's agent holds a key and its certificate, signs, and forgets`(
        _ kind: PrivateKey.GenerableKind
    ) throws {
        let agent = try RealAgent()
        var client = AgentClient(agent)
        var sample = try Sample()
        let key = try Keys.of(kind)
        sample.publicKey = key.publicKey
        let certificate = try sample.certificate()
        let hour = AgentConstraints(lifetime: 3600)
        try client.add(key, comment: "key", constraints: hour)
        try client.add(certificate, key: key, comment: "certificate", constraints: hour)
        let held = try client.identities()
        #expect(held.map(\.comment) == ["key", "certificate"])
        #expect(held.first?.publicKey == key.publicKey)
        #expect(held.last?.certificate == certificate)
        for blob in [key.publicKey.blob, certificate.blob] {
            try key.publicKey.verify(try client.sign([1, 2, 3], with: blob), over: [1, 2, 3])
        }
        try client.remove(key.publicKey.blob)
        #expect(try client.identities().map(\.blob) == [certificate.blob])
        #expect(throws: AgentError.failure) { try client.sign([1], with: key.publicKey.blob) }
        try client.removeAll()
        #expect(try client.identities().isEmpty)
    }

    @Test(arguments: PrivateKey.GenerableKind.allCases)
    func `requests come back as they were written`(_ kind: PrivateKey.GenerableKind) throws {
        var sample = try Sample()
        let key = try Keys.of(kind)
        sample.publicKey = key.publicKey
        let constraints = AgentConstraints(
            lifetime: 60, confirm: true, extensions: [.init(name: "x@example.com", data: [1, 2])])
        let requests: [AgentRequest] = [
            .requestIdentities, .removeAll, .remove(keyBlob: [1, 2]),
            .sign(keyBlob: [1], data: [2, 3], flags: .rsaSHA256),
            .addIdentity(key, comment: "c", constraints: .none),
            .addCertificate(try sample.certificate(), key, comment: "", constraints: constraints),
        ]
        for request in requests {
            let bytes = try request.encoded()
            #expect(try AgentFrame.bodyLength(bytes) == bytes.count - 4)
            #expect(try AgentRequest(message: bytes).encoded() == bytes)
            for count in bytes.indices.dropLast() {
                #expect(throws: AgentError.self) { try AgentRequest(message: bytes.prefix(count)) }
            }
            #expect(!"\(request)".contains("\(key.publicKey)"))
        }
    }

    @Test func `replies come back as they were written, and are refused when cut`() throws {
        let signature = try PrivateKey(ed25519Seed: [UInt8](repeating: 3, count: 32)).sign([1])
        let replies: [AgentReply] = [
            .success, .failure, .signature(signature), .identities([]),
            .identities([AgentIdentity(blob: [1, 2], comment: "a"), AgentIdentity(blob: [], comment: "")]),
        ]
        for reply in replies {
            #expect(try AgentReply(message: reply.encoded) == reply)
            for count in reply.encoded.indices {
                #expect(throws: AgentError.self) { try AgentReply(message: reply.encoded.prefix(count)) }
            }
            #expect(throws: AgentError.wire(.trailing(1))) { try AgentReply(message: reply.encoded + [0]) }
        }
    }

    @Test func `C08 a count of identities that are not there is refused`() {
        let message: [UInt8] = [0, 0, 0, 5, 12, 0xff, 0xff, 0xff, 0xff]
        #expect(throws: AgentError.wire(.truncated(wanted: 4, left: 0))) { try AgentReply(message: message) }
        #expect(throws: AgentError.unknownMessage(99)) { try AgentReply(message: [0, 0, 0, 1, 99]) }
        #expect(throws: AgentError.wire(.unexpected("empty message"))) {
            try AgentReply(message: [0, 0, 0, 0])
        }
        #expect(throws: WireError.tooLong(262_145, limit: 262_144)) {
            try AgentFrame.bodyLength([0, 4, 0, 1])
        }
    }

    @Test func `a certificate goes with its own key only`() throws {
        let key = try PrivateKey(ed25519Seed: [UInt8](repeating: 3, count: 32))
        let request = AgentRequest.addCertificate(
            try Sample().certificate(), key, comment: "", constraints: .none)
        #expect(throws: AgentError.key(.halvesDiffer)) { try request.encoded() }
    }
}
