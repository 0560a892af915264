/// How much a symbol may lose and still be read (ISO/IEC 18004 §6.5.1).
package enum QRCorrection: Hashable, Sendable, CaseIterable {
    /// About 7 % of the symbol.
    case low
    /// About 15 % of the symbol.
    case medium

    /// The two bits in the format information.
    var indicator: UInt32 { self == .low ? 0b01 : 0b00 }
}

/// The size of a symbol, 1…10, with the numbers that the standard gives for it (ISO/IEC 18004, tables 1, 9 and E.1).
struct QRVersion: Hashable, Sendable {
    let number: Int
    /// Data and correction together, in bytes.
    let codewords: Int
    /// Centres of the alignment patterns, on both axes.
    let alignment: [Int]
    private let low: Blocks
    private let medium: Blocks

    struct Blocks: Hashable, Sendable {
        let count: Int
        /// Correction bytes of each.
        let correction: Int
    }

    /// Modules along one side.
    var side: Int { number * 4 + 17 }

    func blocks(_ correction: QRCorrection) -> Blocks { correction == .low ? low : medium }

    /// Bytes of data.
    func capacity(_ correction: QRCorrection) -> Int {
        let blocks = blocks(correction)
        return codewords - blocks.count * blocks.correction
    }

    /// Bits of the field that says how many bytes follow.
    var countBits: Int { number < 10 ? 8 : 16 }

    /// The smallest that holds so many bytes of text, if one does.
    static func smallest(for count: Int, _ correction: QRCorrection) -> QRVersion? {
        all.first { 4 + $0.countBits + count * 8 <= $0.capacity(correction) * 8 }
    }

    static let all: [QRVersion] = [
        make(1, 26, [], (1, 7), (1, 10)),
        make(2, 44, [6, 18], (1, 10), (1, 16)),
        make(3, 70, [6, 22], (1, 15), (1, 26)),
        make(4, 100, [6, 26], (1, 20), (2, 18)),
        make(5, 134, [6, 30], (1, 26), (2, 24)),
        make(6, 172, [6, 34], (2, 18), (4, 16)),
        make(7, 196, [6, 22, 38], (2, 20), (4, 18)),
        make(8, 242, [6, 24, 42], (2, 24), (4, 22)),
        make(9, 292, [6, 26, 46], (2, 30), (5, 22)),
        make(10, 346, [6, 28, 50], (4, 18), (5, 26)),
    ]

    private static func make(
        _ number: Int, _ codewords: Int, _ alignment: [Int], _ low: (Int, Int), _ medium: (Int, Int)
    ) -> QRVersion {
        QRVersion(
            number: number, codewords: codewords, alignment: alignment,
            low: Blocks(count: low.0, correction: low.1),
            medium: Blocks(count: medium.0, correction: medium.1))
    }
}
