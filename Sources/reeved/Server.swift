import Authority
import AuthorityAPI
import Gateway
import Logging
import Names
import Posix
import Records
import SSHFormats
import ServiceLifecycle
import SignIn
import Signers
import Telemetry
import UnixSignals

/// Wires the house together and keeps it running.
struct Server: Sendable {
    let configuration: Configuration
    let folder: DataFolder
    let admin: Name
    let logger = Logger(label: "reeved")

    func run() async throws {
        try configuration.requireFreeAddress()
        try folder.open()
        let records = try await records()
        let isFirstStart = try await records.currentPolicyVersion() == 0
        if !isFirstStart {
            try folder.requireKeys(
                embeddedSigner: configuration.signerSocket == nil,
                sharedDatabase: configuration.database != nil)
        }
        let origin = try folder.fixedOrigin(configuration.origin ?? configuration.name)
        let sealing = try folder.sealedSecrets()
        let belonging = Belonging(records: records, folder: folder, database: database)
        try await belonging.check(sealing, origin: origin, configured: configuration.origin)
        let process = try startSigner()
        defer { process?.stop() }
        let pam = try startPAM()
        defer { pam?.stop() }
        let signer = SignerConnection(path: configuration.signerSocket ?? folder.signerSocket)
        let keys = try await heldKeys(signer)
        let shown = try await identityWhileSealed(signer, sealing, isFirstStart: isFirstStart)
        try await belonging.check(keys)
        if shown == nil { try await belonging.check(signer, isFirstStart: isFirstStart) }
        let timed = TimedSigner(shown == nil ? signer : SealedSigner(keys))
        let hashing = Argon2Hashing(
            threads: Environment.hashingThreads, queue: configuration.hashingQueue,
            queuePerSource: configuration.hashingQueuePerSource, patience: configuration.hashingPatience,
            random: World.real.random)
        let singleSignOn = try SingleSignOn(
            configuration.providers, records: records, sealing: sealing, site: site,
            logger: logger)
        let authority = try await authority(records, timed, hashing, sealing, origin, singleSignOn)
        let identity: LoadedIdentity
        if let shown { identity = shown } else { identity = try await self.identity(signer, keys, sealing) }
        let links = LinkText(authority: "\(configuration.name):\(configuration.port)", pin: identity.pin)
        try await FirstLink(authority: authority, admin: admin, folder: folder, links: links).write()
        let clock = ClockKeeper(
            records: records, configuration: configuration, folder: folder, logger: logger,
            now: World.real.now)
        let checks =
            ReadinessCheck.all(
                signer: timed, isEmbedded: process != nil, records: records, folder: folder,
                leastFree: configuration.leastFree) + [singleSignOn.check, clock.check]
        let keeper = keeper(authority, records)
        let gateway = Gateway(
            authority: authority, configuration: door(links), tls: identity.tls, readiness: checks,
            metrics: Metric.all(
                authority: authority, records: records, signer: timed, hashing: hashing, keeper: keeper,
                checks: checks) + [clock.metric],
            logger: logger, now: World.real.now)
        let application = try gateway.application { [logger] port in
            logger.info("serving", metadata: ["port": "\(port)"])
        }
        var services: [any Service] = [
            application, Inspection(records: records, logger: logger), clock,
        ]
        services.append(ApprovalKeeper(authority: authority, logger: logger))
        services += watch(authority, records)
        let unsealing = Unsealing(signer, logger: logger)
        if shown == nil {
            services.append(keeper)
            services.append(CAKeeper(authority: authority, logger: logger))
            if let validity = identity.validity {
                services.append(renewal(of: gateway, validity, signer, keys, sealing))
            }
        }
        try await group(services, endingWith: shown == nil ? nil : unsealing).run()
        await singleSignOn.close()
        await records.close()
        if unsealing.hasHappened { try CurrentProcess.restart(CommandLine.arguments) }
    }

    /// The services, which all stop once the last one is done.
    private func group(_ services: [any Service], endingWith last: (any Service)?) -> ServiceGroup {
        var all = services.map { ServiceGroupConfiguration.ServiceConfiguration(service: $0) }
        if let last {
            all.append(.init(service: last, successTerminationBehavior: .gracefullyShutdownGroup))
        }
        return ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: all, gracefulShutdownSignals: [.sigterm, .sigint, .sighup], logger: logger))
    }

    /// What is shown at TLS while the signer's keys are sealed; nil where they are open. Waits for that where there is
    /// nothing to serve before it.
    private func identityWhileSealed(
        _ signer: SignerConnection, _ sealing: SealedSecrets, isFirstStart: Bool
    ) async throws -> LoadedIdentity? {
        guard try await signer.isSealed() else { return nil }
        logger.warning("the signer is sealed: nothing is signed until `reeve-signer unlock`")
        if !isFirstStart {
            if let shown = try operatorsIdentity() { return shown }
            let kept = KeptIdentity(folder: folder, sealing: sealing)
            if let shown = try kept.identity(at: World.real.now()) { return try LoadedIdentity(shown) }
        }
        logger.warning("there is nothing to serve before that")
        await Unsealing(signer, logger: logger).wait()
        return nil
    }

    /// Where there are several nodes, one of them signs checkpoints on time.
    private func keeper(_ authority: Authority, _ records: Records) -> CheckpointKeeper {
        let lease = configuration.database == nil ? nil : Lease("checkpoints", records)
        return CheckpointKeeper(authority: authority, lease: lease, logger: logger)
    }

    private func watch(_ authority: Authority, _ records: Records) -> [any Service] {
        guard configuration.database != nil else { return [] }
        return [
            NodeWatch(authority: authority, records: records),
            SerialKeeper(authority: authority, records: records, logger: logger),
            ListKeeper(lists: authority.revocations.lists),
        ]
    }

    /// The database in sentences for people.
    private var database: String { configuration.database?.description ?? folder.database }

    /// In the data folder, or where all nodes keep them.
    private func records() async throws -> Records {
        let most = configuration.sessionsPerIdentity
        guard let database = configuration.database else {
            return try await Records(path: folder.database, mostSessions: most)
        }
        return try await Records(
            try await PostgresConnection(
                database, node: try folder.nodeName(), timeline: TimelineFile(folder.timeline)),
            mostSessions: most, now: World.real.now)
    }

    private func authority(
        _ records: Records, _ signer: TimedSigner, _ hashing: Argon2Hashing, _ sealing: SealedSecrets,
        _ origin: String, _ singleSignOn: SingleSignOn
    ) async throws -> Authority {
        var settings = Authority.Settings(
            origin: origin, node: configuration.database == nil ? "single" : try folder.nodeName(),
            epoch: try await records.keepsake().epoch,
            sessions: SessionLimits(
                absolute: configuration.sessionAbsolute, idle: configuration.sessionIdle),
            attempts: AttemptLimits(
                perSource: configuration.attemptsPerSource, perDay: configuration.attemptsPerDay,
                firstDelay: configuration.attemptsFirstDelay,
                longestDelay: configuration.attemptsLongestDelay))
        settings.ways = configuration.signInWays
        settings.sshKeys = configuration.sshKeys
        settings.passkeys = passkeySettings
        settings.knownPasswords = try knownPasswords()
        settings.approvals = ApprovalLimits(
            lasting: configuration.approvalsLasting, mostOpen: configuration.approvalsMostOpen)
        settings.participants = pamFactor + singleSignOn.participants
        settings.upstream = singleSignOn.upstream
        settings.browserSignIns = singleSignOn.browsers
        return try await Authority(
            store: records, signer: signer, hashing: hashing, sealing: sealing, world: .real,
            settings: settings)
    }

    private func knownPasswords() throws -> KnownPasswords {
        guard let path = configuration.knownPasswords else { return .none }
        let text = String(decoding: try DurableFile(path).read(limit: 256 << 20), as: UTF8.self)
        return KnownPasswords(text.split(whereSeparator: \.isNewline))
    }

    /// The embedded signer; nil where the configuration names one that somebody else runs.
    private func startSigner() throws -> SignerProcess? {
        guard configuration.signerSocket == nil else { return nil }
        let process = try SignerProcess(
            folder: folder.signerFolder, socket: folder.signerSocket, keyFile: folder.signerKeyFile
        ) { [logger] line in logger.warning("\(line)") }
        try process.start()
        return process
    }

    /// Waits for the signer to come up: it may be making its keys.
    private func heldKeys(_ signer: SignerConnection) async throws -> [SigningRole: PublicKey] {
        let deadline = ContinuousClock.now + .seconds(15)
        while true {
            do { return try await signer.publicKeys() } catch {
                guard ContinuousClock.now < deadline else {
                    throw StartFault(
                        "the signer does not answer: \(error)", advice: "Look at its lines in this log.")
                }
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    private func operatorsIdentity() throws -> LoadedIdentity? {
        guard let certificate = configuration.tlsCertificate, let key = configuration.tlsKey else {
            return nil
        }
        return try LoadedIdentity(certificate: certificate, key: key)
    }

    private func identity(
        _ signer: SignerConnection, _ keys: [SigningRole: PublicKey], _ sealing: SealedSecrets
    ) async throws -> LoadedIdentity {
        if let named = try operatorsIdentity() { return named }
        guard let root = keys[.tlsRoot] else {
            throw StartFault("the signer holds no TLS root", advice: "Name a certificate in [tls].")
        }
        let made = try await ServerIdentity.make(
            names: [configuration.name] + configuration.alternativeNames, folder: folder, signer: signer,
            rootKey: root, now: World.real.now())
        // One that somebody else starts may be sealed at the next start.
        if configuration.signerSocket != nil {
            try KeptIdentity(folder: folder, sealing: sealing).keep(made)
        }
        return try LoadedIdentity(made)
    }

    private func renewal(
        of gateway: Gateway, _ first: Validity, _ signer: SignerConnection, _ keys: [SigningRole: PublicKey],
        _ sealing: SealedSecrets
    ) -> TLSRenewal {
        TLSRenewal(of: gateway, first: first, logger: logger, now: World.real.now) {
            let next = try await self.identity(signer, keys, sealing)
            return (next.tls, next.validity ?? first)
        }
    }

    /// Where people and hosts reach the authority.
    var addresses: [String] {
        guard configuration.addresses.isEmpty else { return configuration.addresses.map(\.description) }
        return [site]
    }

    /// Where browsers reach this server, by the name that all servers of the authority have in common.
    private var site: String {
        if let told = configuration.addresses.first(where: { $0.host == configuration.name }) {
            return told.description
        }
        let own = "https://\(configuration.name):\(configuration.port)"
        return (try? ServerAddress(own))?.description ?? own
    }

    /// As many as there are descriptors for, beside those for files, database and signer.
    private var connections: Int {
        let most = Int(clamping: ProcessUsage.mostDescriptors ?? .max) - 256
        guard most < configuration.connections else { return configuration.connections }
        logger.warning(
            "fewer connections than configured: raise the limit of open files",
            metadata: ["connections": .stringConvertible(max(most, 16))])
        return max(most, 16)
    }

    private func door(_ links: LinkText) -> GatewayConfiguration {
        var door = GatewayConfiguration(
            hosts: Set([configuration.name] + configuration.alternativeNames), version: Reeved.version,
            links: links)
        door.servers = addresses
        door.doors = configuration.doors
        if let (host, port) = configuration.doorAddress, let key = configuration.doorHostKey {
            door.door = DoorInfo(host: host, port: port, hostKey: key.text())
        }
        door.nonce = Base64URL.text(World.real.random(16))
        door.isShared = configuration.database != nil
        door.address = configuration.host
        door.port = configuration.port
        door.longestHeader = configuration.headerBytes
        door.longestBody = configuration.bodyBytes
        door.mostConnections = connections
        door.mostConnectionsPerSource = configuration.connectionsPerSource
        door.mostEventStreams = configuration.eventStreams
        door.requestsPerSource = configuration.requestsPerSource
        door.requestsPerIdentity = configuration.requestsPerIdentity
        door.bodyTimeout = configuration.requestTimeout
        door.idleTimeout = configuration.idleTimeout
        return door
    }
}
