import AuthorityClient
import Crypto
import Testing

@Suite struct `A QR code` {
    /// Bytes that fit (ISO/IEC 18004, table 7, byte mode), for versions 1 to 10.
    static let capacities: [(QRCorrection, [Int])] = [
        (.low, [17, 32, 53, 78, 106, 134, 154, 192, 230, 271]),
        (.medium, [14, 26, 42, 62, 84, 106, 122, 152, 180, 213]),
    ]

    @Test(arguments: capacities)
    func `takes the smallest version that holds the text`(_ correction: QRCorrection, _ sizes: [Int]) {
        for (index, size) in sizes.enumerated() {
            let side = 21 + index * 4
            #expect(QRCode(String(repeating: "x", count: size), correction: correction)?.side == side)
            let larger = QRCode(String(repeating: "x", count: size + 1), correction: correction)?.side
            #expect(larger == (index < 9 ? side + 4 : nil))
        }
    }

    /// These very symbols were read back by zbarimg when the hashes were taken.
    @Test(arguments: goldens) func `is the symbol that readers have read`(_ golden: Golden) throws {
        let text = String((0..<golden.length).map { Character(UnicodeScalar(UInt8(33 + $0 % 90))) })
        let code = try #require(QRCode(text, correction: golden.correction))
        let hash = SHA256.hash(data: code.modules.map { $0 ? UInt8(1) : 0 })
        #expect(hash.prefix(8).map { String($0, radix: 16) }.joined(separator: " ") == golden.hash)
    }

    @Test func `has a quiet zone of four modules in the terminal`() throws {
        let lines = try #require(QRCode("reeve")?.terminalLines)
        #expect(lines.count == 15)
        #expect(lines.first?.filter { $0 == "█" }.count == 29)
    }

    struct Golden: Sendable {
        let length: Int
        let correction: QRCorrection
        let hash: String
    }

    static let goldens: [Golden] = [
        Golden(length: 5, correction: .low, hash: "57 97 a 8b 87 b2 44 3d"),
        Golden(length: 40, correction: .low, hash: "27 41 58 5 74 97 dc bc"),
        Golden(length: 105, correction: .low, hash: "46 ec 17 be b8 97 cf a3"),
        Golden(length: 150, correction: .low, hash: "7e f4 3e 82 ea 6f 61 8d"),
        Golden(length: 213, correction: .low, hash: "ea a9 81 18 a3 95 cb 94"),
        Golden(length: 5, correction: .medium, hash: "8b a5 d0 ea 1b d6 f 59"),
        Golden(length: 40, correction: .medium, hash: "61 77 f8 33 d6 6c aa 23"),
        Golden(length: 105, correction: .medium, hash: "2a 6f e2 43 d2 b5 90 d"),
        Golden(length: 150, correction: .medium, hash: "4e 3e cb ae b0 ca e2 e2"),
        Golden(length: 213, correction: .medium, hash: "a4 2a c 53 47 a7 e4 32"),
    ]
}
