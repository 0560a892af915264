/// Random numbers that a seed repeats (SplitMix64). Tests print the seed when they fail.
struct Randomness: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }

    mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &self) }
    }

    mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }

    mutating func flip() -> Bool { Bool.random(using: &self) }

    mutating func text(_ length: ClosedRange<Int>, of letters: ClosedRange<UInt8> = 0x21...0x7e) -> String {
        String(
            decoding: (0..<number(length)).map { _ in UInt8.random(in: letters, using: &self) }, as: UTF8.self
        )
    }

    /// A number of any magnitude, 0 and the greatest among them.
    mutating func serial() -> UInt64 { next() >> UInt64(number(0...64)) }
}
