import Synchronization

/// Counts by label. The labels are fixed when it is made: whatever callers send, there are never more.
package final class Counter<Label: Hashable & Sendable>: Sendable {
    private let labels: [Label]
    private let state: Mutex<[Label: UInt64]>

    package init(_ labels: [Label]) {
        self.labels = labels
        state = Mutex(Dictionary(labels.map { ($0, 0) }) { first, _ in first })
    }

    /// A label that it was not made with is not counted.
    package func count(_ label: Label, by more: UInt64 = 1) {
        state.withLock { state in
            guard let present = state[label] else { return }
            state[label] = present + more
        }
    }

    /// In the order of the labels.
    package var counts: [(label: Label, count: UInt64)] {
        let present = state.withLock { $0 }
        return labels.map { ($0, present[$0, default: 0]) }
    }
}
