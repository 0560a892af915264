import Ledger
import Names
import SSHFormats

/// Everything the authority decides. Pure but for its ports; every desk can be called from anywhere at once.
package struct Authority: Sendable {
    package let sessions: Sessions
    package let idempotency: Idempotency
    package let signIn: SignInConversation
    package let stepUp: StepUp
    package let recoveryCodes: RecoveryCodes
    package let newAuthenticator: NewAuthenticator
    package let newPassword: NewPassword
    package let sshKeys: SSHKeyDesk
    package let pendingSignIns: PendingSignInDesk
    package let passkeys: PasskeyDesk
    package let passkeyPage: PasskeyPage
    /// nil where no provider is configured.
    package let browserSignIns: BrowserSignInDesk?
    package let notices: Notices
    package let enrolment: Enrolment
    package let personEnrolment: PersonEnrolmentDesk
    package let hostEnrolment: HostEnrolmentDesk
    package let links: LinkDesk
    package let issuance: Issuance
    package let certificates: CertificateDesk
    package let approvals: ApprovalDesk
    package let access: Access
    package let administration: Administration
    package let revocations: RevocationDesk
    package let policies: PolicyDesk
    package let upstreamDesk: UpstreamDesk
    package let provisioners: ProvisionerDesk
    package let provisioning: PersonProvisioning
    package let groupProvisioning: GroupProvisioning
    package let policyQuestions: PolicyQuestions
    package let signers: SignerDesk
    package let hosts: HostDesk
    package let hostClocks: HostClocks
    package let audit: AuditDesk
    package let governance: GovernanceDesk
    package let keyDesk: KeyDesk
    package let caKeys: CAKeyDesk
    package let deviceDesk: DeviceDesk
    package let sessionDesk: SessionDesk
    package let keys: AuthorityKeys
    /// The origin of the ledger: the authority's own name.
    package let origin: String
    let recorder: Recorder
    /// As ``World/workshop``.
    package var workshop: (any TaskExecutor)? { recorder.world.workshop }

    /// The storage ports, all of one engine.
    package typealias Store = Journal & Directory & Credentials & Certificates & Policies & EventLog
        & Inventory & PendingSignIns & Passkeys & BrowserSignIns & Approvals & UpstreamLinks & Oversight
        & Provisioning & Acknowledgements & CAKeys & Clocks

    package struct Settings: Sendable {
        package var origin: String
        /// Names this process in serial blocks.
        package var node: String
        package var epoch: UInt64
        package var sessions: SessionLimits
        package var attempts: AttemptLimits
        /// Which factors together make a sign-in, the usual way first.
        package var ways: [SignInWay] = [.standard]
        /// Those that the ways name beside password and authenticator.
        package var participants: [any Participant] = []
        package var sshKeys = SSHKeyDemand.any
        /// Nil where no way names `webauthn`.
        package var passkeys: PasskeySettings?
        package var approvals = ApprovalLimits()
        package var upstream: any Upstream = NoUpstream()
        package var browserSignIns: BrowserSignInDesk?
        package var knownPasswords = KnownPasswords.none

        package init(
            origin: String, node: String, epoch: UInt64 = 1, sessions: SessionLimits = SessionLimits(),
            attempts: AttemptLimits = AttemptLimits()
        ) {
            self.origin = origin
            self.node = node
            self.epoch = epoch
            self.sessions = sessions
            self.attempts = attempts
        }
    }

    /// - Throws: `.signer` if it does not hold all keys, `.mismatch` if one of them serves two roles.
    package init(
        store: any Store, signer: any Signer & CAKeyring, hashing: any PasswordHashing,
        sealing: any SecretSealing,
        world: World, settings: Settings
    ) async throws(AuthorityError) {
        let byRole: [SigningRole: PublicKey]
        do { byRole = try await signer.publicKeys() } catch { throw .signer(error) }
        try AuthorityKeys.check(byRole)
        let keys = AuthorityKeys(byRole, CAKeyBook(store, signer))
        let recorder = Recorder(
            journal: store, world: world, sealing: sealing, hostStates: HostStateBroadcast(store))
        let gateOfApprovals = ApprovalGate(
            approvals: store, directory: store, recorder: recorder, origin: settings.origin,
            limits: settings.approvals)
        let policies = PolicyDesk(
            policies: store, directory: store, recorder: recorder, cache: PolicyCache(), turns: Turns(store),
            approvals: gateOfApprovals)
        let check = FactorCheck(
            directory: store, credentials: store, hashing: hashing, sealing: sealing, world: world,
            limits: settings.attempts, knownPasswords: settings.knownPasswords)
        let lists = RevocationLists(store, keys: keys, world: world)
        let clocks = HostClocks(store: store, journal: store, world: world)
        hostClocks = clocks
        self.keys = keys
        self.recorder = recorder
        self.policies = policies
        policyQuestions = PolicyQuestions(directory: store, policies: policies)
        origin = settings.origin
        sessions = Sessions(directory: store, recorder: recorder, limits: settings.sessions)
        sessionDesk = SessionDesk(
            inventory: store, sessions: sessions, policies: policies, recorder: recorder)
        keyDesk = KeyDesk(
            directory: store, inventory: store, policies: policies, recorder: recorder)
        deviceDesk = DeviceDesk(
            directory: store, inventory: store, sessions: sessionDesk, policies: policies, recorder: recorder)
        idempotency = Idempotency(journal: store, sealing: sealing, world: world)
        let sshKey = SSHKeyFactor(
            directory: store, world: world, origin: settings.origin, demand: settings.sshKeys)
        let device = DeviceFactor(pending: store, recorder: recorder)
        let passkey = settings.passkeys.map {
            PasskeyFactor(passkeys: store, directory: store, recorder: recorder, settings: $0)
        }
        let own: [any Participant] = [sshKey, device] + [passkey].compactMap(\.self)
        let all = own + settings.participants
        let participants = Dictionary(all.map { ($0.name, $0) }) { first, _ in first }
        let codes = RecoveryCodes(credentials: store, policies: policies, recorder: recorder)
        recoveryCodes = codes
        enrolment = Enrolment(
            directory: store, credentials: store, certificates: store, recorder: recorder)
        let recovery = RecoveryDesk(
            enrolment: enrolment, check: check, codes: codes, inventory: store, passkeys: store,
            policies: policies, recorder: recorder)
        let vouchers = RecoveryVouchers(
            pending: store, approvals: store, directory: store, policies: policies, recorder: recorder,
            origin: settings.origin, limits: settings.approvals)
        let fresh = FreshStart(desk: recovery, origin: settings.origin)
        let vouched = Vouching.allCases.map {
            RecoveryFactor(vouching: $0, desk: recovery, vouch: vouchers, fresh: fresh)
        }
        let ways: [any Participant] = vouched + [RecoveryCodeFactor(desk: recovery, fresh: fresh)]
        governance = GovernanceDesk(
            directory: store, inventory: store, oversight: store, policies: policies, recorder: recorder)
        let gate = GovernanceGate(desk: governance, cache: GovernanceCache())
        signIn = SignInConversation(
            governance: gate, ways: settings.ways,
            rounds: SignInRounds(
                check: check,
                participants: participants.merging(ways.map { ($0.name, $0) }) { first, _ in first },
                recorder: recorder, context: SignInConversation.context, withRecovery: true),
            recovery: recovery)
        // What no way names is not taken for a step-up, either.
        let named = Set(settings.ways.flatMap(\.names))
        stepUp = StepUp(
            rounds: SignInRounds(
                check: check, participants: participants.filter { named.contains($0.key) },
                recorder: recorder, context: StepUp.context,
                withRecovery: false),
            links: store, upstream: settings.upstream)
        newAuthenticator = NewAuthenticator(policies: policies, recorder: recorder)
        newPassword = NewPassword(
            check: check, sessions: sessionDesk, policies: policies, recorder: recorder)
        notices = Notices(inventory: store, world: world)
        sshKeys = SSHKeyDesk(
            enrolment: enrolment, policies: policies, recorder: recorder, origin: settings.origin,
            keys: keys)
        pendingSignIns = PendingSignInDesk(
            pending: store, policies: policies, recorder: recorder)
        passkeys = PasskeyDesk(
            passkeys: store, policies: policies, recorder: recorder, settings: settings.passkeys)
        passkeyPage = PasskeyPage(passkeys: store, recorder: recorder, settings: settings.passkeys)
        browserSignIns = settings.browserSignIns
        personEnrolment = PersonEnrolmentDesk(
            enrolment: enrolment, check: check, recoveryCodes: recoveryCodes, recorder: recorder)
        hostEnrolment = HostEnrolmentDesk(enrolment: enrolment, directory: store, recorder: recorder)
        links = LinkDesk(directory: store, policies: policies, recorder: recorder)
        issuance = Issuance(
            directory: store, certificates: store, policies: policies,
            upstream: UpstreamCheck(
                directory: store, links: store, upstream: settings.upstream, recorder: recorder,
                logins: UpstreamLogins(directory: store, turns: policies.turns, recorder: recorder)),
            serials: SerialBlocks(store, node: settings.node), signer: signer, keys: keys, recorder: recorder,
            approvals: gateOfApprovals, governance: gate, clocks: clocks)
        certificates = CertificateDesk(certificates: store, policies: policies, recorder: recorder)
        approvals = ApprovalDesk(
            approvals: store, directory: store, policies: policies, recorder: recorder)
        upstreamDesk = UpstreamDesk(
            directory: store, links: store, upstream: settings.upstream, policies: policies,
            recorder: recorder)
        provisioners = ProvisionerDesk(
            directory: store, store: store, upstream: settings.upstream, policies: policies,
            recorder: recorder)
        provisioning = PersonProvisioning(
            directory: store, store: store, links: store, policies: policies, recorder: recorder)
        groupProvisioning = GroupProvisioning(store: store, policies: policies, recorder: recorder)
        access = Access(directory: store, policies: policies, recorder: recorder, clocks: clocks)
        administration = Administration(
            directory: store, policies: policies, links: links, recorder: recorder)
        revocations = RevocationDesk(
            directory: store, certificates: store, policies: policies, recorder: recorder, lists: lists)
        signers = SignerDesk(directory: store)
        caKeys = CAKeyDesk(
            store: store, directory: store, keys: keys, signer: signer, policies: policies,
            recorder: recorder, epoch: settings.epoch)
        try await caKeys.begin()
        hosts = HostDesk(
            lists: lists, signer: signer, keys: keys, recorder: recorder, certificates: store,
            acknowledgements: store, policies: policies, epoch: settings.epoch)
        audit = AuditDesk(
            log: store, policies: policies, recorder: recorder,
            checkpoints: Checkpoints(
                log: store, signer: signer,
                verifierKey: try Authority.verifierKey(origin: settings.origin, keys: keys)))
    }

    private static func verifierKey(
        origin: String, keys: AuthorityKeys
    ) throws(AuthorityError) -> VerifierKey {
        let key = try keys.key(.checkpoint)
        var reader = WireReader(key.blob)
        do {
            _ = try reader.string()
            return try VerifierKey(name: origin, publicKey: Array(try reader.string()))
        } catch {
            throw .mismatch("the checkpoint key is not Ed25519: \(error)")
        }
    }
}
