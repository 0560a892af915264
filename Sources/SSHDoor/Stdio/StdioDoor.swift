package import AuthorityAPI
package import AuthorityClient
import Posix
import SSHFormats

/// The door behind a stock sshd, which runs it for everybody who comes (`ForceCommand`): the same conversation at a
/// terminal, the same commands.
package struct StdioDoor {
    /// What sshd says of a connection, in the environment of what it runs.
    package struct Connection: Sendable {
        /// `SSH_CONNECTION`: the client's address comes first.
        let address: String
        /// `SSH_ORIGINAL_COMMAND`
        let command: String
        /// `SSH_AUTH_SOCK`
        let agentSocket: String?

        /// nil where no sshd has started this.
        package init?(connection: String?, command: String?, agentSocket: String?) {
            guard let address = connection?.split(separator: " ").first else { return nil }
            self.address = String(address)
            self.command = command ?? ""
            self.agentSocket = agentSocket
        }
    }

    private static let mostRefusals = 3

    let files: DoorFiles
    let servers: [ServerAddress]
    let trust: ServerTrust

    package init(_ files: DoorFiles, servers: [ServerAddress], trust: ServerTrust) {
        self.files = files
        self.servers = servers
        self.trust = trust
    }

    /// - Returns: The exit status.
    package func run(_ connection: Connection) async throws -> Int32 {
        guard let dialogue = TerminalDialogue() else {
            StandardError.write("reeve-door: there is no terminal to ask on: use ssh -t\n")
            return DoorStatus.usage.rawValue
        }
        let key = files.doorKey
        let authority = try AuthorityConnection(
            servers: servers, trust: trust, key: try DPoPKey(),
            voucher: { proof throws(ClientError) in
                do {
                    return try DoorVoucher.text(
                        address: connection.address, proofHash: DoorVoucher.hash(of: proof), by: key,
                        now: UnixTime(WallClock.now()))
                } catch {
                    throw .badRequest("the door's key cannot sign")
                }
            })
        let status = await talk(dialogue, authority, connection)
        await authority.close()
        return status.rawValue
    }

    private func talk(
        _ dialogue: TerminalDialogue, _ authority: AuthorityConnection, _ connection: Connection
    ) async -> DoorStatus {
        guard let name = dialogue.line(DialoguePrompt("Name", isShown: true)) else { return .refused }
        let visit = StdioVisit(agentSocket: connection.agentSocket)
        let signer = visit.offersAgent ? AgentSigner(agent: visit.agent) : nil
        for _ in 0..<StdioDoor.mostRefusals {
            let talk = SignInTalk(connection: authority, dialogue: dialogue, signer: signer)
            switch await talk.run(name) {
            case .signedIn(let reply):
                let visitor = Visitor(reply, authority)
                let status = await Desk(visitor, visit, dialogue)
                    .answer(DoorCommand.words(connection.command))
                await visitor.signOut()
                return status
            case .refused(let problem): StandardError.write("\(problem.sentence)\n")
            case .left: return .refused
            case .failed(let sentence):
                StandardError.write("\(sentence)\n")
                return .unreachable
            }
        }
        return .refused
    }
}
