import ArgumentParser
import Posix
import SSHDoor

/// `reeve-door worker`, for the doorman alone: looks after the connection at descriptor 3, with the doorman at 4.
struct WorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "worker", shouldDisplay: false)

    @Option var parent: Int32
    @OptionGroup var place: AuthorityPlace

    func run() async throws {
        let worker = try DoorEnding.reported {
            try ProcessHardening.apply()
            try ProcessHardening.endWithParent(parent)
            let link = DoorLink(try PacketLink(inherited: 4))
            let worker = Worker(link, servers: try place.servers(), trust: try place.trust())
            // Before the first byte of the stranger.
            try SystemCallFilter.confineWorker()
            return worker
        }
        await worker.run(connection: 3)
    }
}
