/// Reads a key revocation list, section by section.
struct KRLReader {
    private var krl: KRL
    private var serials: [[UInt8]: [ClosedRange<UInt64>]] = [:]
    private var runCount = 0
    private var isSigned = false

    static func read(_ bytes: [UInt8]) throws(KRLError) -> KRL {
        var reader = WireReader(bytes)
        var state = KRLReader(krl: try header(&reader))
        while !reader.isAtEnd { try state.section(&reader) }
        return state.finished()
    }

    private init(krl: KRL) {
        self.krl = krl
    }

    private static func header(_ reader: inout WireReader) throws(KRLError) -> KRL {
        guard try KRLError.wrap({ () throws(WireError) in try reader.uint64() }) == KRLFormat.magic else {
            throw .badMagic
        }
        let format = try KRLError.wrap { () throws(WireError) in try reader.uint32() }
        guard format == KRLFormat.version else { throw .unknownFormat(format) }
        let (version, generated, flags, reserved, comment) = try KRLError.wrap { () throws(WireError) in
            (
                try reader.uint64(), try reader.uint64(), try reader.uint64(), try reader.string(),
                try reader.text()
            )
        }
        guard flags == 0, reserved.isEmpty else { throw .reservedNotEmpty }
        return KRL(version: version, generated: UnixTime(generated), comment: comment)
    }

    private mutating func section(_ reader: inout WireReader) throws(KRLError) {
        let (code, content) = try KRLError.wrap { () throws(WireError) in
            (try reader.byte(), try reader.string(limit: KRL.limit))
        }
        guard let section = KRLFormat.Section(rawValue: code) else { throw .unknownSection(code) }
        guard !isSigned || section == .signature else { throw .sectionAfterSignature(code) }
        switch section {
        case .certificates: try certificates(WireReader(content))
        case .explicitKey:
            try each(content, limit: WireReader.defaultLimit) { krl, blob throws(KRLError) in
                krl.keys.insert(Array(blob))
            }
        case .fingerprintSHA1:
            try each(content, limit: 64) { krl, hash throws(KRLError) in
                guard hash.count == 20 else { throw .badHash(hash.count) }
                krl.sha1Hashes.insert(Array(hash))
            }
        case .fingerprintSHA256:
            try each(content, limit: 64) { krl, hash throws(KRLError) in
                guard let fingerprint = try? Fingerprint(bytes: hash) else { throw .badHash(hash.count) }
                krl.fingerprints.insert(fingerprint)
            }
        case .extension: try Self.extension(content)
        case .signature:
            isSigned = true
            _ = try KRLError.wrap { () throws(WireError) in try reader.string(limit: 8192) }
        }
    }

    private mutating func each(
        _ content: ArraySlice<UInt8>, limit: Int,
        _ body: (inout KRL, ArraySlice<UInt8>) throws(KRLError) -> Void
    ) throws(KRLError) {
        var reader = WireReader(content)
        while !reader.isAtEnd {
            try body(&krl, try KRLError.wrap { () throws(WireError) in try reader.string(limit: limit) })
        }
    }

    private mutating func certificates(_ section: WireReader) throws(KRLError) {
        var reader = section
        let (authority, reserved) = try KRLError.wrap { () throws(WireError) in
            (Array(try reader.string()), try reader.string())
        }
        guard reserved.isEmpty else { throw .reservedNotEmpty }
        while !reader.isAtEnd {
            let (code, content) = try KRLError.wrap { () throws(WireError) in
                (try reader.byte(), try reader.string(limit: KRL.limit))
            }
            guard let part = KRLFormat.CertificateSection(rawValue: code) else { throw .unknownSection(code) }
            switch part {
            case .serialList: try list(content, authority)
            case .serialRange: try range(content, authority)
            case .serialBitmap: try bitmap(content, authority)
            case .keyID: try keyIDs(content, authority)
            case .extension: try Self.extension(content)
            }
        }
    }

    /// Reads over an extension, unless it says that it must be understood: none is known.
    private static func `extension`(_ content: ArraySlice<UInt8>) throws(KRLError) {
        let (name, isCritical) = try KRLError.wrap { () throws(WireError) in
            var reader = WireReader(content)
            let parts = (try reader.text(limit: 256), try reader.byte())
            _ = try reader.string(limit: KRL.limit)
            try reader.end()
            return parts
        }
        guard isCritical == 0 else { throw .criticalExtension(name) }
    }

    private mutating func list(_ content: ArraySlice<UInt8>, _ authority: [UInt8]) throws(KRLError) {
        var reader = WireReader(content)
        while !reader.isAtEnd {
            let serial = try KRLError.wrap { () throws(WireError) in try reader.uint64() }
            try add(serial...serial, authority)
        }
    }

    private mutating func range(_ content: ArraySlice<UInt8>, _ authority: [UInt8]) throws(KRLError) {
        var reader = WireReader(content)
        let (first, last) = try KRLError.wrap { () throws(WireError) in
            let ends = (try reader.uint64(), try reader.uint64())
            try reader.end()
            return ends
        }
        guard first <= last else { throw .emptyRange }
        try add(first...last, authority)
    }

    private mutating func bitmap(_ content: ArraySlice<UInt8>, _ authority: [UInt8]) throws(KRLError) {
        var reader = WireReader(content)
        let (offset, digits) = try KRLError.wrap { () throws(WireError) in
            let parts = (try reader.uint64(), try reader.mpint(limit: content.count))
            try reader.end()
            return parts
        }
        guard !offset.addingReportingOverflow(UInt64(max(bitLength(digits), 1) - 1)).overflow else {
            throw .serialOverflow
        }
        var first: UInt64?
        for (index, byte) in digits.reversed().enumerated() {
            for bit in UInt64(0)..<8 {
                let position = UInt64(index) * 8 + bit
                if byte >> bit & 1 == 1 {
                    first = first ?? position
                } else if let start = first {
                    try add(offset + start...offset + (position - 1), authority)
                    first = nil
                }
            }
        }
        guard let first else { return }
        try add(offset + first...offset + UInt64(bitLength(digits) - 1), authority)
    }

    private mutating func keyIDs(_ content: ArraySlice<UInt8>, _ authority: [UInt8]) throws(KRLError) {
        var reader = WireReader(content)
        while !reader.isAtEnd {
            let keyID = try KRLError.wrap { () throws(WireError) in try reader.string() }
            guard !keyID.isEmpty, !keyID.contains(0) else { throw .badKeyID }
            krl.certificates[authority, default: KRL.Certificates()].keyIDs.insert(Array(keyID))
        }
    }

    private mutating func add(_ run: ClosedRange<UInt64>, _ authority: [UInt8]) throws(KRLError) {
        guard run.lowerBound != 0 else { throw .serialZero }
        guard runCount < KRL.runLimit else { throw .tooManySerials(limit: KRL.runLimit) }
        runCount += 1
        serials[authority, default: []].append(run)
    }

    private consuming func finished() -> KRL {
        for (authority, runs) in serials {
            krl.certificates[authority, default: KRL.Certificates()].serials = SerialSet(runs)
        }
        return krl
    }
}
