import SSHFormats
import Testing

@Suite struct `C08 A hostile revocation list` {
    @Test(arguments: Vector.lists)
    func `C08 is refused when cut inside a section`(_ name: String) throws {
        let bytes = try Vector.bytes("\(name).krl")
        var reader = WireReader(bytes)
        _ = try reader.raw(36)
        _ = (try reader.string(), try reader.string())
        var ends = [reader.consumed.count]
        while !reader.isAtEnd {
            _ = (try reader.byte(), try reader.string())
            ends.append(reader.consumed.count)
        }
        for count in bytes.indices where !ends.contains(count) {
            #expect(throws: KRLError.self) { try KRL(bytes: bytes.prefix(count)) }
        }
    }

    @Test func `C08 is refused with noise in it`() throws {
        var random = Randomness(seed: 7)
        for name in Vector.lists {
            let bytes = try Vector.bytes("\(name).krl")
            for _ in 0..<500 {
                var changed = bytes
                changed[random.number(0...bytes.count - 1)] = UInt8(random.number(0...255))
                guard let krl = try? KRL(bytes: changed) else { continue }
                #expect(try KRL(bytes: krl.encoded()) == krl)
            }
            #expect(throws: KRLError.wire(.truncated(wanted: 4, left: 0))) { try KRL(bytes: bytes + [1]) }
        }
    }

    @Test func `C08 is refused with another beginning`() {
        #expect(throws: KRLError.badMagic) { try KRL(bytes: [UInt8](repeating: 0, count: 44)) }
        #expect(throws: KRLError.unknownFormat(2)) { try KRL(bytes: Self.header(format: 2)) }
        #expect(throws: KRLError.reservedNotEmpty) { try KRL(bytes: Self.header(flags: 1)) }
    }

    @Test(arguments: [0, 6] as [UInt8]) func `C08 is refused with a section that we do not know`(
        _ code: UInt8
    ) {
        #expect(throws: KRLError.unknownSection(code)) { try KRL(bytes: Self.list(code, [])) }
    }

    @Test func `C08 is refused with a hash of another length`() {
        #expect(throws: KRLError.badHash(19)) {
            try KRL(bytes: Self.list(3, RawSample.text("1234567890123456789")))
        }
        #expect(throws: KRLError.badHash(20)) {
            try KRL(bytes: Self.list(5, RawSample.text("12345678901234567890")))
        }
    }

    @Test func `C08 is refused with serial 0, an empty range, or a bitmap beyond the last serial`() {
        let zero = [UInt8](repeating: 0, count: 8)
        let last = [UInt8](repeating: 0xff, count: 8)
        #expect(throws: KRLError.serialZero) { try KRL(bytes: Self.certificates(0x20, zero)) }
        #expect(throws: KRLError.serialZero) { try KRL(bytes: Self.certificates(0x21, zero + last)) }
        #expect(throws: KRLError.serialZero) {
            try KRL(bytes: Self.certificates(0x22, zero + [0, 0, 0, 1, 1]))
        }
        #expect(throws: KRLError.emptyRange) { try KRL(bytes: Self.certificates(0x21, last + zero)) }
        #expect(throws: KRLError.serialOverflow) {
            try KRL(bytes: Self.certificates(0x22, last + [0, 0, 0, 1, 2]))
        }
        #expect(throws: KRLError.unknownSection(0x24)) { try KRL(bytes: Self.certificates(0x24, [])) }
        #expect(throws: KRLError.badKeyID) { try KRL(bytes: Self.certificates(0x23, [0, 0, 0, 0])) }
        #expect(throws: KRLError.wire(.notCanonical("mpint"))) {
            try KRL(bytes: Self.certificates(0x22, zero + [0, 0, 0, 1, 0x80]))
        }
    }

    @Test func `a bitmap may end with the last serial`() throws {
        let last = [UInt8](repeating: 0xff, count: 8)
        let krl = try KRL(bytes: Self.certificates(0x22, last + [0, 0, 0, 1, 1]))
        #expect(krl.certificates[[]]?.serials.runs == [.max ... .max])
    }

    @Test func `C08 with endless alternating bits is refused before it fills the memory`() {
        let digits = [UInt8](repeating: 0x55, count: KRL.runLimit / 4 + 1)
        var writer = WireWriter()
        writer.uint64(1)
        writer.mpint(digits)
        #expect(throws: KRLError.tooManySerials(limit: KRL.runLimit)) {
            try KRL(bytes: Self.certificates(0x22, writer.bytes))
        }
    }

    @Test func `signatures are read over, and nothing may follow them`() throws {
        var signed = WireWriter()
        signed.raw(Self.header())
        signed.byte(4)
        signed.string("key")
        signed.string("signature")
        #expect(try KRL(bytes: signed.bytes).certificates.isEmpty)
        let cut = signed.bytes.dropLast()
        #expect(throws: KRLError.wire(.truncated(wanted: 9, left: 8))) { try KRL(bytes: cut) }
        signed.byte(2)
        signed.string("")
        #expect(throws: KRLError.sectionAfterSignature(2)) { try KRL(bytes: signed.bytes) }
    }

    private static func header(format: UInt32 = 1, flags: UInt64 = 0) -> [UInt8] {
        var writer = WireWriter()
        writer.uint64(0x5353_484b_524c_0a00)
        writer.uint32(format)
        writer.uint64(1)
        writer.uint64(1)
        writer.uint64(flags)
        writer.string("")
        writer.string("")
        return writer.bytes
    }

    private static func list(_ code: UInt8, _ content: [UInt8]) -> [UInt8] {
        var writer = WireWriter()
        writer.raw(header())
        writer.byte(code)
        writer.string(content)
        return writer.bytes
    }

    private static func certificates(_ code: UInt8, _ content: [UInt8]) -> [UInt8] {
        var writer = WireWriter()
        writer.string("")
        writer.string("")
        writer.byte(code)
        writer.string(content)
        return list(1, writer.bytes)
    }
}
