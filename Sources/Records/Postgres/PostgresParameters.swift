import Authority

/// The values of a statement as libpq takes them: all in binary format, in one piece of memory.
struct PostgresParameters {
    private var bytes: [UInt8] = []
    /// Where each value starts; nil for null.
    private var starts: [Int?] = []
    private var lengths: [Int32] = []

    init(_ values: [SQLValue]) {
        starts.reserveCapacity(values.count)
        lengths.reserveCapacity(values.count)
        for value in values {
            let start = bytes.count
            switch value {
            case .null: break
            case .integer(let value):
                unsafe withUnsafeBytes(of: value.bigEndian) { unsafe bytes.append(contentsOf: $0) }
            case .text(let value): bytes.append(contentsOf: value.utf8)
            case .bytes(let value): bytes.append(contentsOf: value)
            }
            starts.append(value == .null ? nil : start)
            lengths.append(Int32(bytes.count - start))
        }
        // So that even an empty value lies somewhere.
        bytes.append(0)
    }

    /// Lends pointers, lengths and formats, for the time of the call.
    func lend<Answer>(
        _ body: (
            UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?
        ) -> Answer
    ) -> Answer {
        unsafe bytes.withUnsafeBytes { raw in
            let base = unsafe raw.bindMemory(to: CChar.self).baseAddress
            let pointers = unsafe starts.map { start in unsafe start.flatMap { unsafe base?.advanced(by: $0) }
            }
            let formats = [Int32](repeating: 1, count: starts.count)
            return unsafe body(pointers, lengths, formats)
        }
    }
}

/// Statements as PostgreSQL writes them.
enum PostgresText {
    /// `$1`, `$2` … for each `?` that does not stand in quotes.
    static func numbered(_ sql: String) -> String {
        var (text, count, quote): (String, Int, Character?) = ("", 0, nil)
        for character in sql {
            if character == "'" || character == "\"" {
                quote = quote == nil ? character : quote == character ? nil : quote
            }
            guard character == "?", quote == nil else {
                text.append(character)
                continue
            }
            count += 1
            text += "$\(count)"
        }
        return text
    }
}
