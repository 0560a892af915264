import AuthorityAPI
import HostDocuments
import Ledger
import SSHFormats
import SignerProtocol

/// What the programs of Keyreeve say to each other.
let documentFuzzers: [Fuzzer] = [
    Fuzzer("checkpoint") { input in
        guard let checkpoint = try? Checkpoint(parsing: input) else { return }
        promise(try Checkpoint(parsing: checkpoint.text) == checkpoint, "what is written is read again")
        promiseSame(checkpoint.text.utf8, input)
    },
    Fuzzer("hostState") { input in
        guard let state = try? HostState(decoding: input) else { return }
        promiseSame(state.encoded, input)
    },
    Fuzzer("signedHostState") { input in
        guard let state = try? SignedHostState(decoding: input) else { return }
        promiseSame(state.encoded, input)
    },
    Fuzzer("signerRequest") { input in
        for frame in frames(input) {
            guard let request = try? SignerRequest(frame) else { continue }
            promise(request.frame(id: frame.id) == frame, "what is accepted is written again")
        }
    },
    Fuzzer("signerReply") { input in
        for frame in frames(input) {
            guard let reply = try? SignerReply(frame) else { continue }
            promise(try SignerReply(reply.frame(id: 1)) == reply, "what is written is read again")
        }
    },
    Fuzzer("strictJSON", longest: 2048) { input in
        _ = try? StrictJSON.check(input)
    },
    Fuzzer("dpop", longest: DPoPProof.longest + 8) { input in
        // The proof's own words go in for what it is held against, so that its signature is reached.
        _ = try? DPoPProof(
            verifying: String(decoding: input, as: UTF8.self), method: "GET", url: "https://a.example/v1",
            token: nil, now: UnixTime(1_800_000_000), tolerance: .max)
    },
]

/// The frames in these bytes: whole, and byte by byte the same.
private func frames(_ input: [UInt8]) -> [Frame] {
    var decoder = FrameDecoder()
    var slow = FrameDecoder()
    decoder.append(input)
    var frames: [Frame] = []
    while frames.count < 16, let frame = try? decoder.next() { frames.append(frame) }
    var slowly: [Frame] = []
    for byte in input where slowly.count < frames.count {
        slow.append([byte])
        if let frame = try? slow.next() { slowly.append(frame) }
    }
    promise(frames == slowly, "how the bytes arrive does not matter")
    for frame in frames {
        var writer = WireWriter()
        frame.write(to: &writer)
        var again = FrameDecoder()
        again.append(writer.bytes)
        promise(try again.next() == frame, "a frame is read again")
    }
    return frames
}
