import ArgumentParser
import HostAgent

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Keeps this host right until it is stopped.")

    @OptionGroup var place: PlaceOptions
    @OptionGroup var sudo: SudoOptions

    func run() async throws { try await Self.serve(sudo.applied(to: place.settings)) }

    static func serve(_ settings: AgentSettings) async throws {
        let (post, (keeper, port)) = try await Exit.wrap { () async throws(Fault) in
            (try AgentPost(settings.folder), try HostKeeper.enrolled(settings))
        }
        defer { withExtendedLifetime(post) {} }
        keeper.answerModules()
        await AgentLoop(keeper: keeper, port: port, log: agentLog(), now: currentTime).run()
    }
}

struct SyncCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync", abstract: "Brings this host up to date once.")

    @OptionGroup var place: PlaceOptions

    func run() async throws {
        let settings = place.settings
        let (keeper, port) = try await Exit.wrap { () async throws(Fault) in try HostKeeper.enrolled(settings)
        }
        let faults = await keeper.sync()
        await port.close()
        try Exit.report(faults)
    }
}

extension HostKeeper {
    /// The keeper of an enrolled host, with its connection.
    static func enrolled(_ settings: AgentSettings) throws(Fault) -> (HostKeeper, ConnectionPort) {
        let record = try EnrolmentRecord.load(settings.folder)
        guard let key = try AgentKey.load(settings.folder) else {
            throw Fault("not-enrolled", "\(settings.folder.key) is missing; run `reeve-agent enrol`")
        }
        let port = try ConnectionPort(record, told: ToldServers.load(settings.folder), key: key)
        let keeper = HostKeeper(
            settings: settings, record: record, port: port, log: agentLog(), now: currentTime)
        return (keeper, port)
    }
}
