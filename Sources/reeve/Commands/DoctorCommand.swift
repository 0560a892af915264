import ArgumentParser
import Diagnosis

/// `reeve doctor`
struct DoctorCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract:
            "Examine this machine: clock, device, servers, session, ssh-agent, ssh's configuration, files.",
        discussion: """
            Changes nothing; to learn what the ssh-agent takes, a key made for that is given to it and taken back at once. \
            Every finding has a code that stays the same (Docs/DOCTOR.md), and the command that mends it. Exit status 0 if \
            nothing is wrong: notes leave it at 0, a warning or a failure makes it 1.
            """)

    @Argument(help: "Host whose configuration ssh is asked for; by default some that you reach.")
    var host: String?
    @Option(
        name: .customLong("ssh-config"),
        help: ArgumentHelp("ssh's configuration, where it is not ~/.ssh/config.", valueName: "file"),
        completion: .file())
    var sshConfig: String?
    @OptionGroup var common: CommonOptions

    func perform() async throws {
        let report = FindingReport(await ClientExamination(host: host, sshConfig: sshConfig).all())
        show(report, text: report.lines.joined(separator: "\n"))
        guard report.healthy else { throw ExitCode(ExitStatus.refused.rawValue) }
    }
}
