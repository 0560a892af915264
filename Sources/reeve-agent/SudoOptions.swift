import ArgumentParser
import HostAgent

/// How sudo is answered here.
struct SudoOptions: ParsableArguments {
    @Option(help: "The socket that pam_reeve.so asks on (default: /run/reeve-agent/pam.sock).")
    var pamSocket: String?
    @Option(help: ArgumentHelp("Without news for so long, sudo is refused (1…168).", valueName: "hours"))
    var sudoGrace: UInt64 = 24

    func validate() throws {
        guard (1...168).contains(sudoGrace) else {
            throw ValidationError("--sudo-grace takes 1 to 168 hours")
        }
    }

    func applied(to settings: AgentSettings) -> AgentSettings {
        var settings = settings
        if let pamSocket { settings.pamSocket = pamSocket }
        settings.sudoGrace = sudoGrace * 3_600
        return settings
    }
}
