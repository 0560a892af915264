import SSHFormats

/// What one decoder is fed with, and what must hold of all that it accepts.
struct Fuzzer: Sendable {
    let name: String
    /// The longest input that is made, in bytes.
    let longest: Int
    /// Reads the input; ends the process if something that was accepted does not keep its promise.
    let run: @Sendable ([UInt8]) throws -> Void

    init(_ name: String, longest: Int = 4096, _ run: @escaping @Sendable ([UInt8]) throws -> Void) {
        self.name = name
        self.longest = longest
        self.run = run
    }
}

/// All fuzzers.
let fuzzers: [Fuzzer] =
    keyFuzzers + lineFuzzers + agentFuzzers + documentFuzzers + providerFuzzers + conversationFuzzers
    + provisioningFuzzers + hostFuzzers

/// Ends the process, so that libFuzzer keeps the input, unless the promise holds.
func promise(_ holds: @autoclosure () throws -> Bool, _ promise: StaticString) {
    guard (try? holds()) == true else { fatalError("broken promise: \(promise)") }
}

/// What is written again is what was read: for formats in which each value has one form.
func promiseSame(_ written: some Sequence<UInt8>, _ read: [UInt8]) {
    promise(written.elementsEqual(read), "what is accepted is written again byte for byte")
}
