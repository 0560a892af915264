/// A result and where it stands in the ledger.
package struct Outcome<Value: Sendable>: Sendable {
    package let value: Value
    package let receipt: Receipt?
    /// The reply's bytes, where they were remembered for a repetition.
    package let reply: [UInt8]?

    package init(_ value: Value, _ receipt: Receipt?, reply: [UInt8]? = nil) {
        self.value = value
        self.receipt = receipt
        self.reply = reply
    }
}

/// Makes a request happen once: the reply is kept with the facts, and a repetition gets it again.
package struct Once<Value: Sendable>: Sendable {
    package let claim: IdempotencyClaim?
    /// The reply's bytes as the caller sends them.
    package let encode: @Sendable (Value) -> [UInt8]

    package init(claim: IdempotencyClaim?, encode: @escaping @Sendable (Value) -> [UInt8]) {
        self.claim = claim
        self.encode = encode
    }

    /// For calls from inside, where nobody repeats.
    package static var unclaimed: Once { Once(claim: nil) { _ in [] } }
}
