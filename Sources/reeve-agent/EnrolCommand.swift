import ArgumentParser
import AuthorityAPI
import AuthorityClient
import Glibc
import HostAgent
import Posix

struct EnrolCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enrol", abstract: "Makes this host one of an authority's.",
        discussion:
            "The link is asked for, or read from a file or descriptor: arguments can be seen by everybody.")

    @OptionGroup var place: PlaceOptions
    @Option(help: "A file with the link; - is standard input.") var linkFile: String?
    @Option(help: "A descriptor to read the link from.") var linkFd: Int32?
    @Option(
        help: ArgumentHelp(
            "Also try this server, https://HOST:PORT; may be repeated. Then the authority's own list is not used.",
            valueName: "url"))
    var server: [String] = []
    @Flag(help: "Enrol although this host is enrolled already.") var again = false
    @Flag(help: "Go on as `run`.") var run = false
    @OptionGroup var sudo: SudoOptions

    func run() async throws {
        let settings = sudo.applied(to: place.settings)
        let faults = try await Exit.wrap { () async throws(Fault) in try await enrol(settings) }
        guard run else { return try Exit.report(faults) }
        try await RunCommand.serve(settings)
    }

    private func enrol(_ settings: AgentSettings) async throws(Fault) -> [Fault] {
        let before = try EnrolmentRecord.loadIfPresent(settings.folder)
        guard before == nil || again else {
            throw Fault("enrolled", "this host is enrolled already; use --again to enrol it anew")
        }
        let keys = try Enrolment(settings).prepare()
        for note in keys.notes { complain("reeve-agent: note: \(note.text)") }
        let address = try link()
        let servers = try [address.server] + chosen()
        let trust = try await Self.trust(in: address)
        let key = try AgentKey.loadOrMake(settings.folder)
        let port = try ConnectionPort(servers: servers, trust: trust, key: key)
        do throws(Fault) {
            let record = try await Enrolment(settings).enrol(
                address.token, server: address.server.description,
                servers: server.isEmpty ? nil : servers.map(\.description), tlsRoot: trust.rootPEM,
                keys: keys, with: port)
            print("enrolled as \(record.host) at \(record.server)")
            let keeper = HostKeeper(
                settings: settings, record: record, port: port, log: agentLog(), now: currentTime)
            let faults = await keeper.sync()
            await port.close()
            return faults
        } catch {
            await port.close()
            throw error
        }
    }

    private static func trust(in address: EnrolmentAddress) async throws(Fault) -> ServerTrust {
        do { return try await ServerTrust.pinned(address.pin, at: address.server) } catch {
            throw Fault("unreachable", "\(error)")
        }
    }

    private func chosen() throws(Fault) -> [ServerAddress] {
        do throws(AddressError) {
            return try server.map { text throws(AddressError) in try ServerAddress(text) }
        } catch {
            throw Fault("server", "--server: \(error)")
        }
    }

    private func link() throws(Fault) -> EnrolmentAddress {
        do { return try EnrolmentAddress(try linkText()) } catch {
            guard let fault = error as? Fault else {
                throw Fault("link", "that is not a link https://HOST:PORT/enrol#TOKEN~PIN")
            }
            throw fault
        }
    }

    private func linkText() throws(Fault) -> String {
        if let linkFd { return try LinkReader.text(from: linkFd) }
        guard let linkFile else {
            if isatty(STDIN_FILENO) == 1 { StandardStream.errors.write("Enrolment link: ") }
            return try LinkReader.text(from: STDIN_FILENO)
        }
        guard linkFile != "-" else { return try LinkReader.text(from: STDIN_FILENO) }
        do { return String(decoding: try DurableFile(linkFile).read(limit: 4096), as: UTF8.self) } catch {
            throw Fault("link", "\(error)")
        }
    }
}

/// Reads one line from a descriptor.
enum LinkReader {
    static func text(from descriptor: Int32) throws(Fault) -> String {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while bytes.count < 4096 {
            let count = unsafe read(descriptor, &byte, 1)
            if count == -1, errno == EINTR { continue }
            guard count >= 0 else { throw Fault("link", "descriptor \(descriptor) cannot be read") }
            guard count == 1, byte != UInt8(ascii: "\n") else { break }
            bytes.append(byte)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension ServerTrust {
    /// The pinned root; nil where the roots of the system decide.
    var rootPEM: String? {
        guard case .root(let pem) = self else { return nil }
        return pem
    }
}
