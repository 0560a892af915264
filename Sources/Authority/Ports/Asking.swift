/// Whom work is being done for: known where a request comes in, wanted where work waits its turn.
package struct Asking: Sendable {
    /// Set around the whole of a request; nil for work that nobody asked for from outside.
    @TaskLocal package static var current: Asking?

    /// As ``SourceNetwork`` has it: what waits for one network takes turns with what waits for the others.
    package let network: String
    /// Whether nobody is left to hear the answer.
    package let isGone: @Sendable () -> Bool

    package init(network: String, isGone: @escaping @Sendable () -> Bool = { false }) {
        self.network = network
        self.isGone = isGone
    }
}
