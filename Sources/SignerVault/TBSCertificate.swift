import SSHFormats

/// What a TBSCertificate (RFC 5280 §4.1) says, as far as the TLS root's profile asks.
struct TBSCertificate {
    let issuer: ArraySlice<UInt8>
    let subject: ArraySlice<UInt8>
    let validity: Validity
    /// SubjectPublicKeyInfo, DER.
    let publicKeyInfo: ArraySlice<UInt8>
    private(set) var isAuthority = false
    /// First byte of keyUsage; nil without that extension.
    private(set) var keyUsage: UInt8?
    /// Object identifiers of extendedKeyUsage; nil without that extension.
    private(set) var purposes: [[UInt8]]?

    /// keyCertSign and cRLSign, bits 5 and 6 (§4.2.1.3).
    static let authorityUsages: UInt8 = 0x06
    /// id-kp-serverAuth and id-kp-clientAuth (§4.2.1.12).
    static let tlsPurposes: [[UInt8]] = [
        [0x2b, 6, 1, 5, 5, 7, 3, 1], [0x2b, 6, 1, 5, 5, 7, 3, 2],
    ]

    /// AlgorithmIdentifier of ecdsa-with-SHA256 (RFC 5758 §3.2).
    private static let ecdsaWithSHA256: [UInt8] = [
        0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02,
    ]
    private static let version3: [UInt8] = [0x02, 0x01, 0x02]

    /// Nil for anything but a version 3 certificate for ecdsa-with-SHA256 in plain DER.
    init?(parsing bytes: [UInt8]) {
        var outer = DERReader(bytes[...])
        guard bytes.count <= 65_536, var fields = outer.element(DERReader.Tag.sequence)?.children,
            outer.isAtEnd,
            fields.element(DERReader.Tag.explicit0)?.content.elementsEqual(Self.version3) == true,
            let serial = fields.element(DERReader.Tag.integer)?.content, (1...20).contains(serial.count),
            fields.element(DERReader.Tag.sequence)?.whole.elementsEqual(Self.ecdsaWithSHA256) == true,
            let issuer = fields.element(DERReader.Tag.sequence)?.whole,
            let span = fields.element(DERReader.Tag.sequence), let validity = Self.validity(span.children),
            let subject = fields.element(DERReader.Tag.sequence)?.whole,
            let publicKeyInfo = fields.element(DERReader.Tag.sequence)?.whole
        else { return nil }
        self.issuer = issuer
        self.subject = subject
        self.validity = validity
        self.publicKeyInfo = publicKeyInfo
        guard fields.isAtEnd || readExtensions(&fields) else { return nil }
    }

    private mutating func readExtensions(_ fields: inout DERReader) -> Bool {
        guard var outer = fields.element(DERReader.Tag.explicit3)?.children, fields.isAtEnd,
            var list = outer.element(DERReader.Tag.sequence)?.children, outer.isAtEnd
        else { return false }
        var seen: Set<[UInt8]> = []
        while !list.isAtEnd {
            guard var parts = list.element(DERReader.Tag.sequence)?.children,
                let name = parts.element(DERReader.Tag.objectIdentifier)?.content,
                seen.insert(Array(name)).inserted
            else { return false }
            _ = parts.element(DERReader.Tag.boolean)
            guard let value = parts.element(DERReader.Tag.octetString)?.content, parts.isAtEnd,
                read(Array(name), value)
            else { return false }
        }
        return true
    }

    private mutating func read(_ name: [UInt8], _ value: ArraySlice<UInt8>) -> Bool {
        var reader = DERReader(value)
        switch name {
        case [0x55, 0x1d, 0x13]:
            guard var parts = reader.element(DERReader.Tag.sequence)?.children, reader.isAtEnd else {
                return false
            }
            isAuthority = parts.element(DERReader.Tag.boolean).map { $0.content.elementsEqual([0]) } == false
        case [0x55, 0x1d, 0x0f]:
            guard let bits = reader.element(DERReader.Tag.bitString)?.content, reader.isAtEnd, bits.count >= 2
            else { return false }
            keyUsage = bits.dropFirst().first
        case [0x55, 0x1d, 0x25]:
            guard var parts = reader.element(DERReader.Tag.sequence)?.children, reader.isAtEnd else {
                return false
            }
            var purposes: [[UInt8]] = []
            while !parts.isAtEnd {
                guard let purpose = parts.element(DERReader.Tag.objectIdentifier) else { return false }
                purposes.append(Array(purpose.content))
            }
            self.purposes = purposes
        default: break
        }
        return true
    }

    private static func validity(_ reader: DERReader) -> Validity? {
        var reader = reader
        guard let first = reader.element().flatMap(time), let last = reader.element().flatMap(time),
            reader.isAtEnd
        else { return nil }
        return try? Validity(validAfter: first, validBefore: last)
    }

    /// UTCTime or GeneralizedTime, to the second and in UTC, as §4.1.2.5 wants them.
    private static func time(_ element: DERReader.Element) -> UnixTime? {
        guard var digits = Optional(element.content), digits.popLast() == UInt8(ascii: "Z"),
            digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        func take(_ count: Int) -> Int {
            defer { digits = digits.dropFirst(count) }
            return digits.prefix(count).reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        }
        let year: Int
        switch (element.tag, digits.count) {
        case (DERReader.Tag.utcTime, 12):
            let short = take(2)
            year = short < 50 ? 2_000 + short : 1_900 + short
        case (DERReader.Tag.generalizedTime, 14): year = take(4)
        default: return nil
        }
        let (month, day, hour, minute, second) = (take(2), take(2), take(2), take(2), take(2))
        guard year >= 1_970, (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60,
            second < 60
        else { return nil }
        return UnixTime(UInt64(days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second))
    }

    /// Days since 1970-01-01 in the Gregorian calendar, the year taken to begin in March.
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let shifted = month > 2 ? year : year - 1
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
    }
}
