import Glibc
import Posix

/// The place of the one agent that keeps a host right; held while it runs.
package struct AgentPost: Sendable {
    private let lock: FileLock?

    /// - Throws: ``Fault`` `agent-runs` while another process holds it.
    package init(_ folder: AgentFolder) throws(Fault) {
        do throws(PosixError) {
            lock = try FileLock(folder.post)
        } catch  where error.isAbsent {
            // Where there is no folder nobody runs.
            lock = nil
        } catch {
            guard error.code == EWOULDBLOCK else { throw Fault("folder-unusable", "\(error)") }
            throw Fault(
                "agent-runs",
                "an agent runs on \(folder.path) and would bring back what is taken away; stop it first")
        }
    }
}
