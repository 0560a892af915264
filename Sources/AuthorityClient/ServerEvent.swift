/// One server-sent event (WHATWG HTML §9.2).
public struct ServerEvent: Hashable, Sendable {
    /// `message` unless the server names another.
    public let name: String
    /// The lines of data, joined by LF.
    public let data: String
    public init(name: String, data: String) {
        self.name = name
        self.data = data
    }
}

/// Reads a stream of server-sent events. Remarks, identifiers and unknown fields are read over.
public struct ServerEventParser: Sendable {
    /// The longest line and the longest event, in bytes.
    public static let limit = 65_536

    private var line: [UInt8] = []
    private var name = ""
    private var data: [String] = []
    private var size = 0
    private var isAfterCR = false
    /// Milliseconds after which the server wants to be asked again when the stream breaks; nil until it says so.
    public private(set) var retry: UInt64?

    public init() {}

    /// Takes any part of the stream; lines end with LF, CR or both, and may be split between calls.
    ///
    /// - Returns: The events that are whole now, in order.
    /// - Throws: ``ServerEventError/tooLong`` above ``limit``; ``ServerEventError/notUTF8``.
    public mutating func feed(_ bytes: some Sequence<UInt8>) throws(ServerEventError) -> [ServerEvent] {
        var events: [ServerEvent] = []
        for byte in bytes {
            let isLineEnd = byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
            if byte == UInt8(ascii: "\n"), isAfterCR {
                isAfterCR = false
                continue
            }
            isAfterCR = byte == UInt8(ascii: "\r")
            guard isLineEnd else {
                guard line.count < Self.limit else { throw .tooLong }
                line.append(byte)
                continue
            }
            if let event = try endOfLine() { events.append(event) }
            line.removeAll(keepingCapacity: true)
        }
        return events
    }

    private mutating func endOfLine() throws(ServerEventError) -> ServerEvent? {
        guard !line.isEmpty else { return endOfEvent() }
        let parts = line.split(separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
        guard let field = parts.first else { return nil }
        let rest = parts.dropFirst().first ?? []
        let bytes = rest.first == UInt8(ascii: " ") ? rest.dropFirst() : rest
        guard let value = String(validating: bytes, as: UTF8.self) else { throw .notUTF8 }
        if field.elementsEqual("event".utf8) { name = value }
        if field.elementsEqual("retry".utf8), value.utf8.allSatisfy(Self.isDigit) {
            retry = UInt64(value) ?? retry
        }
        if field.elementsEqual("data".utf8) {
            size += bytes.count
            guard size <= Self.limit else { throw .tooLong }
            data.append(value)
        }
        return nil
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private mutating func endOfEvent() -> ServerEvent? {
        defer {
            name = ""
            data = []
            size = 0
        }
        guard !data.isEmpty else { return nil }
        return ServerEvent(name: name.isEmpty ? "message" : name, data: data.joined(separator: "\n"))
    }
}

/// Why a stream of events cannot be read on.
public enum ServerEventError: Error, Hashable, Sendable {
    /// A line or an event above ``ServerEventParser/limit``.
    case tooLong
    case notUTF8
}

extension ServerEventError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .tooLong: "the stream has a line or an event that is too long"
        case .notUTF8: "the stream is not UTF-8"
        }
    }
}
