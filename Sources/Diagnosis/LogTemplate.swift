/// A message of sshd with `%` for what differs: `Invalid user % from % port %`.
struct LogTemplate: Sendable {
    private let literals: [[UInt8]]

    init(_ text: String) {
        literals = text.utf8.split(separator: UInt8(ascii: "%"), omittingEmptySubsequences: false)
            .map(Array.init)
    }

    /// How many `%` it has.
    var places: Int { literals.count - 1 }

    /// What stands for each `%`; nil where the message is another one.
    ///
    /// The last places count: a stranger who chooses a name with ` from 10.0.0.1 port 22` in it does not choose the address.
    func values(in message: ArraySlice<UInt8>) -> [String]? {
        guard let first = literals.first, let last = literals.last, message.starts(with: first) else {
            return nil
        }
        guard literals.count > 1 else { return message.count == first.count ? [] : nil }
        var rest = message.dropFirst(first.count)
        guard rest.count >= last.count, rest.suffix(last.count).elementsEqual(last) else { return nil }
        rest = rest.dropLast(last.count)
        var values: [String] = []
        for literal in literals.dropFirst().dropLast().reversed() {
            guard let start = Self.last(literal, in: rest) else { return nil }
            values.append(String(decoding: rest[(start + literal.count)...], as: UTF8.self))
            rest = rest[..<start]
        }
        values.append(String(decoding: rest, as: UTF8.self))
        return values.reversed()
    }

    private static func last(_ literal: [UInt8], in bytes: ArraySlice<UInt8>) -> Int? {
        guard bytes.count >= literal.count else { return nil }
        return (bytes.startIndex...(bytes.endIndex - literal.count)).reversed().first {
            bytes[$0..<($0 + literal.count)].elementsEqual(literal)
        }
    }
}
