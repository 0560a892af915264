import ArgumentParser
import AuthorityAPI
import AuthorityClient
import Posix

/// `reeve device`
struct DeviceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "device", abstract: "Devices: list, suspend, resume, retire; say that one is lost.",
        discussion: "Everybody does this to their own; helpdesk and admins to all.",
        subcommands: [
            DeviceListCommand.self, DeviceShowCommand.self, DeviceSuspendCommand.self,
            DeviceResumeCommand.self,
            DeviceRetireCommand.self, DeviceLostCommand.self,
        ])
}

/// Which device, and why.
struct DeviceOptions: ParsableArguments {
    @Argument(help: "device:alice.laptop, or alice.laptop.")
    var device: String
    @Option(help: "Why; stands in the ledger.")
    var reason: String?
    @Flag(help: "Wait until others have agreed, where they must.")
    var wait = false

    var id: String { device.contains(":") ? device : "device:\(device)" }
}

extension ReeveCommand {
    fileprivate func act(_ act: String, on options: DeviceOptions, done: String) async throws {
        let request = DeviceStatusRequest(device: options.id, act: act, reason: options.reason)
        let reply = try await StateFolder().signedIn(waiting: options.wait) {
            try await $0.call(.deviceStatus, body: request, as: IdentityReply.self).0
        }
        show(reply, lines: ["device:\(reply.name) is \(reply.status): \(done)."])
    }
}

struct DeviceListCommand: ReeveCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List devices: yours.")

    @Option(help: "Of this person; for those with a role on the authority.")
    var of: String?
    @OptionGroup var common: CommonOptions

    func perform() async throws {
        let query = of.map { [(name: "of", value: $0)] } ?? []
        let devices = try await StateFolder().signedIn {
            try await $0.call(.devices, query: query, as: DeviceListReply.self).0.devices
        }
        show(
            devices,
            lines: devices.map { device in
                let age = Age.text(since: device.createdAt, at: WallClock.now())
                return [device.device, device.status, "age \(age)", "sessions: \(device.sessions)"]
                    .joined(separator: "  ")
            })
    }
}

struct DeviceShowCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "All of one device, with its keys.")

    @Argument(help: "device:alice.laptop, or alice.laptop.")
    var device: String
    @OptionGroup var common: CommonOptions

    func perform() async throws {
        let query = [(name: "device", value: device.contains(":") ? device : "device:\(device)")]
        let reply = try await StateFolder().signedIn {
            try await $0.call(.devices, query: query, as: DeviceListReply.self).0
        }
        guard let found = reply.devices.first else { throw ClientError.badReply("no device in the answer") }
        let now = WallClock.now()
        var lines = [
            "device: \(found.device)", "owner: \(found.owner ?? "")",
            "status: \(found.status)" + (found.statusBy.map { ", set by \($0)" } ?? ""),
            "enrolled: \(Moment.text(found.createdAt))", "sessions: \(found.sessions)",
        ]
        lines += found.keys.map { "key: \($0.line(at: now))" }
        show(found, lines: lines)
    }
}

struct DeviceSuspendCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "suspend", abstract: "For a while: its sessions and certificates end.")
    @OptionGroup var device: DeviceOptions
    @OptionGroup var common: CommonOptions
    func perform() async throws {
        try await act("suspend", on: device, done: "its sessions are ended, its certificates revoked")
    }
}

struct DeviceResumeCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Let a suspended device in again.")
    @OptionGroup var device: DeviceOptions
    @OptionGroup var common: CommonOptions
    func perform() async throws { try await act("resume", on: device, done: "it may sign in again") }
}

struct DeviceRetireCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "retire", abstract: "For good, where nobody else has it.")
    @OptionGroup var device: DeviceOptions
    @OptionGroup var common: CommonOptions
    func perform() async throws { try await act("retire", on: device, done: "it is never let in again") }
}

struct DeviceLostCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "lost", abstract: "For good, where somebody else may have it: its keys are revoked.")
    @OptionGroup var device: DeviceOptions
    @OptionGroup var common: CommonOptions
    func perform() async throws {
        try await act("lost", on: device, done: "its sessions are ended, its keys and certificates revoked")
    }
}
