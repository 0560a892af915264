package import SSHFormats

/// Time, chance and room for long work, given as arguments so that rules stay pure.
package struct World: Sendable {
    package let now: @Sendable () -> UnixTime
    /// `count` bytes from the system's generator.
    package let random: @Sendable (_ count: Int) -> [UInt8]

    /// Where what computes for long is done, so that nobody waits for it who asked for something else; nil: where its
    /// caller is.
    package let workshop: (any TaskExecutor)?

    package init(
        now: @escaping @Sendable () -> UnixTime, random: @escaping @Sendable (_ count: Int) -> [UInt8],
        workshop: (any TaskExecutor)? = nil
    ) {
        self.now = now
        self.random = random
        self.workshop = workshop
    }
}

/// Seals secrets at rest under a key that never lives in the database.
package protocol SecretSealing: Sendable {
    /// `context` is bound to the result: opening with another fails.
    func seal(_ plain: [UInt8], context: String) throws(SealingError) -> [UInt8]
    func open(_ sealed: [UInt8], context: String) throws(SealingError) -> [UInt8]
}

package enum SealingError: Error, Hashable, Sendable { case wrongKeyOrAltered }

/// A slow, salted password hash in a bounded queue.
package protocol PasswordHashing: Sendable {
    /// - Throws: `.busy` when the queue is full.
    func hash(_ password: [UInt8]) async throws(HashingError) -> String
    /// Does the same work with a dummy hash where `encoded` is nil.
    func matches(_ password: [UInt8], _ encoded: String?) async throws(HashingError) -> Bool
}

package enum HashingError: Error, Hashable, Sendable { case busy, failed(reason: String) }
