/// A local list of passwords that everybody knows. Kept as the first eight bytes of hashes: small, and worth nothing to who
/// finds it in memory.
package struct KnownPasswords: Sendable {
    private let hashes: Set<UInt64>

    package static let none = KnownPasswords([Substring]())

    /// - Parameter lines: One password each, in upper or lower case.
    package init(_ lines: some Sequence<Substring>) { hashes = Set(lines.map { Self.hash(String($0)) }) }

    package var count: Int { hashes.count }

    /// Whether it is on the list, however it is capitalised.
    func contains(_ password: [UInt8]) -> Bool {
        hashes.contains(Self.hash(String(decoding: password, as: UTF8.self)))
    }

    private static func hash(_ text: String) -> UInt64 {
        TokenHash.of(text.lowercased()).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}
