/// The content of the key file on its way to a sealed signer. It prints `‹redacted›`.
package struct UnlockKey: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    /// Longest accepted, in bytes.
    static let limit = 64

    package let bytes: [UInt8]

    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    package var description: String { "‹redacted›" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
