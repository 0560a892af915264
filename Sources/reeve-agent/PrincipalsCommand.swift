import HostAgent
import Names

/// `reeve-agent principals [--data DIR] LOGIN […]`: sshd's AuthorizedPrincipalsCommand. Runs as an unprivileged user, reads
/// one local file, knows no network.
///
/// Ends with 0 always: without lines sshd refuses the certificate, which is the answer to everything doubtful.
enum PrincipalsCommand {
    static func run(_ arguments: [String]) {
        var rest = arguments[...]
        var data = AgentSettings.standardData
        if rest.first == "--data" {
            rest.removeFirst()
            data = rest.popFirst() ?? data
        }
        guard let login = rest.first else { return complain("which login?") }
        do {
            let facts = try PrincipalFacts.load(AgentFolder(data))
            let lines = facts.principals(for: try Login(login)).map { "\($0)\n" }.joined()
            StandardStream.output.write(lines)
        } catch let fault as Fault {
            complain(fault.description)
        } catch {
            complain("not a login: \(error)")
        }
    }

    private static func complain(_ text: String) {
        StandardStream.errors.write("reeve-agent principals: \(text)\n")
    }
}
