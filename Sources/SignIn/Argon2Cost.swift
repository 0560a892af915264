/// What one hash costs, and the bounds within which a stored hash may set its own cost.
package struct Argon2Cost: Hashable, Sendable {
    /// Memory, KiB.
    package let memory: UInt32
    /// Passes over it.
    package let passes: UInt32
    package let lanes: UInt32

    /// 64 MiB, three passes, one lane (RFC 9106 §4, second recommended option, with one lane for one thread).
    package static let standard = Argon2Cost(memory: 65_536, passes: 3, lanes: 1)

    package init(memory: UInt32, passes: UInt32, lanes: UInt32) {
        self.memory = memory
        self.passes = passes
        self.lanes = lanes
    }

    /// At most 256 MiB, 16 passes, 4 lanes: beyond, a planted hash could exhaust the machine.
    var isBearable: Bool {
        (8 * lanes...262_144).contains(memory) && (1...16).contains(passes) && (1...4).contains(lanes)
    }
}
