/// A value that must not appear in logs, errors or URLs: it prints `‹redacted›` and only lends itself.
public struct Secret<Value: Sendable>: Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    private let value: Value

    public init(_ value: Value) { self.value = value }

    /// Lends the value for the length of one call.
    public func withExposed<Result, Failure: Error>(
        _ use: (Value) throws(Failure) -> Result
    ) throws(Failure) -> Result { try use(value) }

    public var description: String { "‹redacted›" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// Compares two byte strings in time that depends on their lengths only.
public func constantTimeEquals(_ a: some Collection<UInt8>, _ b: some Collection<UInt8>) -> Bool {
    guard a.count == b.count else { return false }
    return zip(a, b).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
}
