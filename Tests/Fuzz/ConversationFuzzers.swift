import Authority
import HostDocuments
import PAMProtocol
import SSHFormats

@testable import AuthorityAPI
@testable import SSHDoor
@testable import SignIn

/// What is said while somebody signs in: by authenticators and browsers, by workers of PAM, by workers of the front door.
let conversationFuzzers: [Fuzzer] = [
    Fuzzer("attestationObject", longest: AttestationObject.longest + 8) { input in
        guard let object = try? AttestationObject(input) else { return }
        let data = object.authenticatorData
        promise(
            try AttestationObject(attestation(of: data)).authenticatorData == data,
            "as browsers write it, too")
        guard let read = try? AuthenticatorData(data) else { return }
        promise(read.relyingPartyHash.count == 32, "a hash is whole")
    },
    // Items in a row, as the first byte of each says.
    Fuzzer("cbor") { input in
        var reader = CBORReader(input)
        var written: [UInt8] = []
        while let kind = input.dropFirst(written.count).first.flatMap({ CBORReader.Kind(rawValue: $0 >> 5) })
        {
            switch kind {
            case .bytes:
                guard let bytes = try? reader.bytes() else { return }
                written += cbor(kind, bytes.count) + bytes
            case .text:
                guard let text = try? reader.text() else { return }
                written += cbor(kind, text.utf8.count) + text.utf8
            case .map:
                guard let entries = try? reader.head(of: .map) else { return }
                written += cbor(kind, Int(entries))
            }
            promise(input.starts(with: written), "what is accepted is written again byte for byte")
        }
        promise(reader.isAtEnd == (written.count == input.count), "the end is where the last item ends")
    },
    Fuzzer("clientData", longest: ClientData.longest + 8) { input in
        let expected = PasskeyExpectation(
            challenge: [UInt8](0..<32), origins: ["https://ca.example.com"], relyingParty: "ca.example.com",
            mustVerify: true)
        guard (try? ClientData.check(input, .get, expected)) != nil else { return }
        promise((try? ClientData.check(input, .create, expected)) == nil, "it is of one kind")
        promise(
            try JSONValue.read(input)["origin"]?.text == "https://ca.example.com",
            "who reads it otherwise, reads the same")
    },
    Fuzzer("pamRequest") { input in
        for frame in pamFrames(input) {
            guard let request = try? PAMRequest(frame) else { continue }
            promise(request.frame == frame, "what is accepted is written again")
        }
    },
    Fuzzer("pamReply") { input in
        for frame in pamFrames(input) {
            guard let reply = try? PAMReply(frame) else { continue }
            promise(reply.frame == frame, "what is accepted is written again")
            guard case .ask(let messages) = reply else { continue }
            for message in messages {
                let renamed = message.renamed(from: Array("reeve-nobody".utf8), to: Array("dana".utf8))
                promise(renamed.text.count <= message.text.count, "a shorter name makes nothing longer")
                promise(renamed.renamed(from: [], to: [1]) == renamed, "no name is in no message")
            }
        }
    },
    // Claims, signed by a door that is believed; and the text alone, by whomever.
    Fuzzer("doorVoucher", longest: DoorVoucher.longest + 8) { input in
        guard let door = fuzzedDoor else { return }
        func read(_ text: String) -> DoorVoucher? {
            try? DoorVoucher(
                verifying: text, for: "proof", by: [door.publicKey], now: UnixTime(1_800_000_000))
        }
        promise(read(String(decoding: input, as: UTF8.self)) == nil, "nobody else vouches")
        let header = #"{"alg":"ES256","kid":"\#(door.publicKey.fingerprint)","typ":"keyreeve-door+jwt"}"#
        let signed = try door.signed(Base64URL.text(header.utf8) + "." + Base64URL.text(input))
        guard let voucher = read(signed) else { return }
        promise(!voucher.address.isEmpty && !voucher.address.contains("/"), "it is one address")
        promise(try SourceAddresses([voucher.address]).allows(voucher.address), "and stands for itself")
    },
    Fuzzer("workerWord", longest: 256) { input in
        guard let word = WorkerWord(packet: input) else { return }
        promiseSame(word.packet, input)
    },
    // Names and values in turn, by lines: what people type goes into documents that others sign.
    Fuzzer("approvalLines", longest: 1024) { input in
        let value = String(decoding: input, as: UTF8.self)
        let escaped = ApprovalLines.escaped(value)
        promise(ApprovalLines.isPlain(escaped), "what is signed is shown as it is")
        promise(!escaped.utf8.contains(10), "one value is one line")
        promise(ApprovalLines.escaped(value) == escaped, "and always the same one")
    },
]

/// The one door that is believed.
private let fuzzedDoor = try? DPoPKey(rawRepresentation: [UInt8](repeating: 7, count: 32))

/// The head of an item, in the shortest form.
private func cbor(_ kind: CBORReader.Kind, _ count: Int) -> [UInt8] {
    let major = kind.rawValue << 5
    switch count {
    case ..<24: return [major | UInt8(count)]
    case ..<0x100: return [major | 24, UInt8(count)]
    case ..<0x1_0000: return [major | 25, UInt8(count >> 8), UInt8(count & 0xff)]
    default: return [major | 26] + (0..<4).map { UInt8(truncatingIfNeeded: count >> (24 - 8 * $0)) }
    }
}

private func attestation(of data: [UInt8]) -> [UInt8] {
    func text(_ text: String) -> [UInt8] { cbor(.text, text.utf8.count) + text.utf8 }
    return cbor(.map, 3) + text("fmt") + text("none") + text("attStmt") + cbor(.map, 0) + text("authData")
        + cbor(.bytes, data.count) + data
}

/// The frames in these bytes: whole, and byte by byte the same.
private func pamFrames(_ input: [UInt8]) -> [PAMFrame] {
    var decoder = PAMFrameDecoder()
    var slow = PAMFrameDecoder()
    decoder.append(input)
    var frames: [PAMFrame] = []
    while frames.count < 16, let frame = try? decoder.next() { frames.append(frame) }
    var slowly: [PAMFrame] = []
    for byte in input where slowly.count < frames.count {
        slow.append([byte])
        if let frame = try? slow.next() { slowly.append(frame) }
    }
    promise(frames == slowly, "how the bytes arrive does not matter")
    promiseSame(frames.flatMap(\.bytes), Array(input.prefix(frames.reduce(0) { $0 + $1.bytes.count })))
    return frames
}
