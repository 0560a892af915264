import Authority
import Logging
import Posix
import SignIn

extension Server {
    /// Starts `reeve-pam` where PAM is a way to sign in; nil where it is none, or where somebody else runs one.
    func startPAM() throws -> KeptProgram? {
        guard asksPAM, configuration.pam.socket == nil else { return nil }
        let pam = configuration.pam
        let program = KeptProgram(
            "reeve-pam", executable: try KeptProgram.besideUs("reeve-pam"),
            arguments: [
                "serve", "--parent", String(CurrentProcess.pid), "--socket", folder.pamSocket, "--service",
                pam.service, "--stand-in", pam.standIn, "--workers", String(pam.workers), "--seconds",
                String(pam.seconds),
            ] + (pam.stacks.map { ["--stacks", $0] } ?? [])
        ) { [logger] line in logger.warning("\(line)") }
        try program.start()
        return program
    }

    /// PAM as a factor, where a way to sign in names it.
    var pamFactor: [any Participant] {
        guard asksPAM else { return [] }
        let settings = PAMSettings(
            socket: configuration.pam.socket ?? folder.pamSocket, seconds: configuration.pam.seconds,
            refusalStep: configuration.pam.refusalStep * 1_000)
        return [
            PAMFactor(PAMDesk(settings, random: World.real.random)) { [logger] line in
                logger.warning("\(line)")
            }
        ]
    }

    private var asksPAM: Bool { configuration.signInWays.contains { $0.names.contains("pam") } }
}
