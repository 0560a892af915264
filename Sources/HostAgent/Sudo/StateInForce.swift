import Posix
import Synchronization

/// The state in force, read and verified again only when another is.
package final class StateInForce: Sendable {
    private struct Kept {
        let set: String
        let state: VerifiedState
    }

    private let installer: StateInstaller
    private let folder: AgentFolder
    private let kept = Mutex<Kept?>(nil)

    package init(_ installer: StateInstaller, _ folder: AgentFolder) {
        self.installer = installer
        self.folder = folder
    }

    /// - Returns: nil where none is in force, or it is damaged. Every set has a name of its own, which `current` points to.
    package func state() -> VerifiedState? {
        kept.withLock { kept in
            guard let set = FileTree.target(of: folder.current) else { return nil }
            if let kept, kept.set == set { return kept.state }
            // `current` may move while it is read; then this is asked again next time.
            guard let state = (try? installer.held()) ?? nil, FileTree.target(of: folder.current) == set
            else {
                kept = nil
                return nil
            }
            kept = Kept(set: set, state: state)
            return state
        }
    }
}
