package import Names
import Posix

/// What the host knows about itself: enough to answer sshd's AuthorizedPrincipalsCommand without a network.
///
/// The file is text, one fact per line, and ends with `end`, so that a cut one is seen:
/// ```
/// keyreeve-principals 1
/// host web1.example.com
/// label env=staging
/// end
/// ```
package struct PrincipalFacts: Hashable, Sendable {
    package let host: Name
    package let labels: [Label]

    package init(host: Name, labels: [Label]) {
        self.host = host
        self.labels = labels
    }

    /// `login@host`, then `login@key=value` for each label: the principals that may enter as this login here.
    package func principals(for login: Login) -> [PrincipalName] {
        [.onHost(login, host)] + labels.map { .onLabel(login, $0) }
    }

    package var text: String {
        var lines = ["keyreeve-principals 1", "host \(host)"]
        lines += labels.map { "label \($0)" }
        return lines.joined(separator: "\n") + "\nend\n"
    }

    /// - Throws: ``Fault`` `facts-damaged` for anything but the exact form above.
    package init(text: String) throws(Fault) {
        var lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }[...]
        guard lines.popFirst() == "keyreeve-principals 1", lines.popLast() == "", lines.popLast() == "end",
            let first = lines.popFirst(), let host = Self.fact("host ", in: first)
        else { throw Fault("facts-damaged", "not a whole principals.facts file") }
        do {
            self.host = try Name(host: host)
            labels = try lines.map { line in
                guard let label = Self.fact("label ", in: line) else { throw NameError.shape(line) }
                return try Label(label)
            }
        } catch {
            throw Fault("facts-damaged", "\(error)")
        }
    }

    /// Reads the facts of the set in force.
    ///
    /// - Throws: ``Fault`` `facts-missing`, `facts-unsafe` (others than root may write it), `facts-damaged`.
    package static func load(_ folder: AgentFolder) throws(Fault) -> PrincipalFacts {
        let file = DurableFile(folder.principalFacts)
        let (access, bytes): (FileAccess, [UInt8])
        do throws(PosixError) {
            access = try file.access()
            bytes = try file.read(limit: 65_536)
        } catch {
            throw Fault("facts-missing", "\(error)")
        }
        guard access.uid == 0, access.permissions & 0o022 == 0 else {
            throw Fault("facts-unsafe", "\(folder.principalFacts) can be written by others than root")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Fault("facts-damaged", "\(folder.principalFacts) is not text")
        }
        return try PrincipalFacts(text: text)
    }

    private static func fact(_ key: String, in line: String) -> String? {
        guard line.utf8.starts(with: key.utf8) else { return nil }
        return String(line.utf8.dropFirst(key.utf8.count))
    }
}
