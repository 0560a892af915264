import SSHFormats
import Testing

@Suite struct `The data types of RFC 4251` {
    @Test func `come back as they were written`() throws {
        var writer = WireWriter()
        writer.byte(7)
        writer.uint32(0x0102_0304)
        writer.uint64(.max)
        writer.string("grüße")
        writer.mpint([0, 0, 0x80, 1])
        writer.mpint([])
        var reader = WireReader(writer.bytes)
        #expect(try reader.byte() == 7)
        #expect(try reader.uint32() == 0x0102_0304)
        #expect(try reader.uint64() == .max)
        #expect(try reader.text(limit: 64) == "grüße")
        #expect(try Array(reader.mpint(limit: 2)) == [0x80, 1])
        #expect(try reader.mpint(limit: 2).isEmpty)
        try reader.end()
    }

    @Test func `C08 a length beyond the end is refused before anything is made of it`() {
        var reader = WireReader([0xff, 0xff, 0xff, 0xff, 1])
        #expect(throws: WireError.tooLong(0xffff_ffff, limit: 262_144)) { try reader.string() }
        #expect(throws: WireError.truncated(wanted: 0xffff_ffff, left: 1)) { try reader.string(limit: .max) }
        #expect(reader.left == 5)
    }

    @Test(arguments: 0..<8) func `C08 a number that is cut is refused`(_ count: Int) {
        var reader = WireReader([UInt8](repeating: 0, count: count))
        #expect(throws: WireError.truncated(wanted: 8, left: count)) { try reader.uint64() }
    }

    @Test(arguments: [[0x80], [0x00], [0x00, 0x7f], [0xff, 0xff], [0x00, 0x00, 0x80]])
    func `C08 a number that is negative or padded is refused`(_ digits: [UInt8]) {
        var writer = WireWriter()
        writer.string(digits)
        var reader = WireReader(writer.bytes)
        #expect(throws: WireError.notCanonical("mpint")) { try reader.mpint(limit: 8) }
    }

    @Test func `C08 an mpint of 4,096 bytes is refused where 2,048 are enough`() {
        var writer = WireWriter()
        writer.mpint([UInt8](repeating: 0x7f, count: 4096))
        var reader = WireReader(writer.bytes)
        #expect(throws: WireError.tooLong(4096, limit: 2049)) { try reader.mpint(limit: 2048) }
    }

    @Test(arguments: [[0], [0x61, 0], [0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80]])
    func `text with a NUL or broken UTF-8 is refused`(_ bytes: [UInt8]) {
        var writer = WireWriter()
        writer.string(bytes)
        var reader = WireReader(writer.bytes)
        #expect(throws: WireError.notUTF8) { try reader.text(limit: 64) }
    }

    @Test func `C08 bytes after the end are refused`() {
        #expect(throws: WireError.trailing(1)) { try WireReader([1]).end() }
    }

    @Test func `time stops at its ends`() {
        #expect(UnixTime(5).advanced(by: -6) == UnixTime(0))
        #expect(UnixTime.forever.advanced(by: 1) == .forever)
        #expect(UnixTime.forever.advanced(by: .min).seconds == UInt64(Int64.max))
        #expect(UnixTime(100).advanced(by: -60) == UnixTime(40))
    }
}
