/// An IPv4 or IPv6 network in the form `address` or `address/prefix`, without bits behind the prefix.
struct IPNetwork: Hashable {
    /// 4 or 16 bytes.
    let address: [UInt8]
    /// Bits that count.
    let prefix: Int

    var isSingle: Bool { prefix == address.count * 8 }

    init?(_ text: String) {
        let parts = text.utf8.split(
            separator: UInt8(ascii: "/"), maxSplits: 1, omittingEmptySubsequences: false)
        guard text.utf8.count <= 64, let first = parts.first, let address = Self.address(Array(first)) else {
            return nil
        }
        var prefix = address.count * 8
        if let second = parts.dropFirst().first {
            guard let stated = Self.decimal(Array(second), max: prefix) else { return nil }
            prefix = stated
        }
        self.address = address
        self.prefix = prefix
        guard isEmptyBehindPrefix else { return nil }
    }

    /// Whether the other one lies within.
    func contains(_ other: IPNetwork) -> Bool {
        guard address.count == other.address.count, prefix <= other.prefix else { return false }
        return zip(address, other.address).enumerated().allSatisfy { index, pair in
            (pair.0 ^ pair.1) & mask(at: index) == 0
        }
    }

    private var isEmptyBehindPrefix: Bool {
        address.enumerated().allSatisfy { index, byte in byte & ~mask(at: index) == 0 }
    }

    private func mask(at index: Int) -> UInt8 {
        let bits = min(8, max(0, prefix - index * 8))
        return UInt8(truncatingIfNeeded: 0xff00 >> bits)
    }

    private static func address(_ text: [UInt8]) -> [UInt8]? {
        text.contains(UInt8(ascii: ":")) ? v6(text) : v4(text[...])
    }

    private static func v4(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        let bytes = parts.compactMap { decimal(Array($0), max: 255).map(UInt8.init) }
        return bytes.count == 4 ? bytes : nil
    }

    /// RFC 4291 §2.2: groups of hexadecimal digits, `::` once, the last four bytes perhaps in IPv4 form.
    private static func v6(_ text: [UInt8]) -> [UInt8]? {
        let colon = UInt8(ascii: ":")
        let gaps = text.indices.dropLast().filter { text[$0] == colon && text[$0 + 1] == colon }
        guard gaps.count <= 1 else { return nil }
        guard let gap = gaps.first else {
            return groups(text[...]).flatMap { $0.count == 16 ? $0 : nil }
        }
        guard !text[..<gap].contains(UInt8(ascii: ".")), let head = groups(text[..<gap]),
            let tail = groups(text[(gap + 2)...]),
            head.count + tail.count <= 14
        else { return nil }
        return head + [UInt8](repeating: 0, count: 16 - head.count - tail.count) + tail
    }

    private static func groups(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        guard !text.isEmpty else { return [] }
        let parts = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count <= 8 else { return nil }
        var bytes: [UInt8] = []
        for (index, part) in parts.enumerated() {
            if part.contains(UInt8(ascii: ".")), index == parts.count - 1, let last = v4(part) {
                bytes += last
                continue
            }
            guard (1...4).contains(part.count), let value = UInt16(ascii: part, radix: 16) else { return nil }
            bytes += [UInt8(value >> 8), UInt8(value & 0xff)]
        }
        return bytes
    }

    /// A number without sign and without needless zeros before it.
    private static func decimal(_ text: [UInt8], max: Int) -> Int? {
        guard (1...3).contains(text.count), text.count == 1 || text.first != UInt8(ascii: "0"),
            let value = UInt16(ascii: text[...], radix: 10), Int(value) <= max
        else { return nil }
        return Int(value)
    }
}

extension UInt16 {
    /// Digits only: `UInt16(_:radix:)` also takes a sign.
    fileprivate init?(ascii text: ArraySlice<UInt8>, radix: Int) {
        guard let first = text.first, first != UInt8(ascii: "+"), first != UInt8(ascii: "-"),
            let value = UInt16(String(decoding: text, as: UTF8.self), radix: radix)
        else { return nil }
        self = value
    }
}
