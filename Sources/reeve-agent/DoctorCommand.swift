import ArgumentParser
import Diagnosis
import HostAgent

/// `reeve-agent doctor`: what is or will be wrong with logins on this host.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Examines clock, state, sshd, keys of accounts, files and the agent; says what mends it.",
        discussion: """
            Changes nothing and may run beside the agent. Every finding has a code that stays the same (Docs/DOCTOR.md), and \
            the command that mends it. Exit status 0 if nothing is wrong: notes leave it at 0, a warning or a failure makes \
            it 1.
            """)

    @OptionGroup var place: PlaceOptions
    @Flag(help: "As JSON.") var json = false

    func run() async throws {
        let settings = place.settings
        let port = try? HostKeeper.enrolled(settings).1
        let examination = HostExamination(settings: settings, now: currentTime)
        let report = FindingReport(await examination.all(asking: port))
        await port?.close()
        StandardStream.output.write(json ? report.json : report.lines.joined(separator: "\n") + "\n")
        guard report.healthy else { throw Exit.refused }
    }
}
