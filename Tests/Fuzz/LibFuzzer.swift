import Glibc

// libFuzzer's own `main` is linked in but not run: SwiftPM takes `Fuzz_main` for the program's.

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ values: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
    _ callback: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

nonisolated(unsafe) private var chosen: Fuzzer?

/// Feeds the chosen fuzzer with one input.
@c(LLVMFuzzerTestOneInput)
public func fuzzOne(_ bytes: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let input = unsafe Array(UnsafeBufferPointer(start: bytes, count: size))
    do { try unsafe chosen?.run(input) } catch { fatalError("an error came out: \(error)") }
    return 0
}

/// `Fuzz list` prints the names of the fuzzers with their longest inputs; else the one that `FUZZ_DECODER` names is run
/// with libFuzzer's own arguments. A variable, since libFuzzer starts itself again to merge corpora.
@c(Fuzz_main)
public func fuzzMain(
    _ count: CInt, _ values: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> CInt {
    if count == 2, let word = unsafe values?[1], unsafe String(cString: word) == "list" {
        for fuzzer in fuzzers { print(fuzzer.name, fuzzer.longest) }
        return 0
    }
    guard let name = unsafe getenv("FUZZ_DECODER").map({ unsafe String(cString: $0) }) else { return 2 }
    unsafe chosen = fuzzers.first { $0.name == name }
    guard unsafe chosen != nil else { return 2 }
    var count = count
    var rest = unsafe values
    return unsafe runDriver(&count, &rest, fuzzOne)
}
