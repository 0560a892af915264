/// An option of a certificate as it stands on the wire: one that we have no type for, kept byte for byte.
public struct CertificateOption: Hashable, Sendable {
    /// 1…256 bytes of printable ASCII.
    public let name: String
    /// What follows the name; often empty, often again a `string`.
    public let data: [UInt8]

    /// An option with this name and data.
    ///
    /// - Throws: ``CertificateError/badOption(_:)`` for a name that is empty, too long or not printable
    ///   ASCII.
    public init(name: String, data: some Collection<UInt8>) throws(CertificateError) {
        guard (1...256).contains(name.utf8.count), name.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw .badOption(name)
        }
        self.name = name
        self.data = Array(data)
    }

    fileprivate init(known name: String, data: [UInt8]) {
        self.name = name
        self.data = data
    }

    /// An option that is there or not, without data.
    static func flag(_ name: String) -> CertificateOption { CertificateOption(known: name, data: []) }

    /// An option whose data is one `string`.
    static func text(_ name: String, _ value: String) -> CertificateOption {
        var writer = WireWriter(capacity: value.utf8.count + 4)
        writer.string(value)
        return CertificateOption(known: name, data: writer.bytes)
    }

    /// Says that the option has no data.
    func checkFlag() throws(CertificateError) {
        guard data.isEmpty else { throw .badOption(name) }
    }

    /// The one `string` that is the data.
    func textValue() throws(CertificateError) -> String {
        do throws(WireError) {
            var reader = WireReader(data)
            let value = try reader.text()
            try reader.end()
            return value
        } catch {
            throw .badOption(name)
        }
    }
}

/// The lists of options in a certificate: pairs of `string name, string data`, each name once, in the order
/// of their bytes (draft-miller-ssh-cert §3.2: "options must be lexically ordered by name").
enum CertificateOptionList {
    static func read(_ content: ArraySlice<UInt8>) throws(CertificateError) -> [CertificateOption] {
        var reader = WireReader(content)
        var options: [CertificateOption] = []
        while !reader.isAtEnd {
            let (name, data) = try CertificateError.wrap { () throws(WireError) in
                (try reader.text(), try reader.string())
            }
            if let last = options.last { try check(name, follows: last.name) }
            options.append(try CertificateOption(name: name, data: data))
        }
        return options
    }

    static func write(_ options: [CertificateOption], to writer: inout WireWriter) {
        for option in options {
            writer.string(option.name)
            writer.string(option.data)
        }
    }

    /// The known options, in order already, with the unknown ones put among them.
    static func merge(_ known: [CertificateOption], _ unknown: [CertificateOption]) -> [CertificateOption] {
        guard !unknown.isEmpty else { return known }
        return (known + unknown).sorted { precedes($0.name, $1.name) }
    }

    /// Puts an option that has no type of its own at its place.
    static func insert(
        _ option: CertificateOption, into unknown: inout [CertificateOption], known: [String]
    ) throws(CertificateError) {
        guard !known.contains(option.name), !unknown.contains(where: { $0.name == option.name }) else {
            throw .repeatedOption(option.name)
        }
        let place = unknown.firstIndex { precedes(option.name, $0.name) } ?? unknown.endIndex
        unknown.insert(option, at: place)
    }

    private static func check(_ name: String, follows last: String) throws(CertificateError) {
        guard !name.utf8.elementsEqual(last.utf8) else { throw .repeatedOption(name) }
        guard precedes(last, name) else { throw .misorderedOption(name) }
    }

    private static func precedes(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }
}
