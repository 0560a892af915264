/// An allowed_signers file: which keys may sign under which names (ssh-keygen(1), ALLOWED SIGNERS).
public struct AllowedSigners: Hashable, Sendable {
    /// The longest file that is read, in bytes: 16 MiB.
    public static let limit = 16_777_216

    /// A line that could not be read. It allows nothing; `ssh-keygen` passes over it likewise.
    public struct Fault: Hashable, Sendable {
        /// Of the line; the first is 1.
        public let number: Int
        /// What is wrong.
        public let error: AllowedSignersError
    }

    /// The lines, in order.
    public let lines: [AllowedSignersLine]
    /// The lines that could not be read.
    public let faults: [Fault]

    /// A file of these lines.
    public init(_ lines: [AllowedSignersLine]) {
        self.lines = lines
        faults = []
    }

    /// Reads a file. Lines that cannot be read are in ``faults``.
    ///
    /// - Parameter utcOffset: How many seconds the clock of the reader is ahead of UTC, for dates without `Z`.
    /// - Throws: ``AllowedSignersError/malformed(_:)`` if the file is longer than ``limit``.
    public init(text: String, utcOffset: Int64 = 0) throws(AllowedSignersError) {
        guard text.utf8.count <= Self.limit else { throw .malformed("at most \(Self.limit) bytes") }
        var lines: [AllowedSignersLine] = []
        var faults: [Fault] = []
        let rows = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, row) in rows.enumerated() {
            do throws(AllowedSignersError) {
                let text = String(decoding: row, as: UTF8.self)
                guard let line = try AllowedSignersLine.parse(text, utcOffset: utcOffset) else { continue }
                lines.append(line)
            } catch {
                faults.append(Fault(number: index + 1, error: error))
            }
        }
        self.lines = lines
        self.faults = faults
    }

    /// The file: a line each.
    public var text: String { lines.map { $0.text + "\n" }.joined() }

    /// Checks that this principal signed the message for this purpose: `ssh-keygen -Y verify`.
    ///
    /// The first line that allows it decides. Whether a FIDO token was touched is for the caller to ask
    /// (``Signature/token``), and likewise whether the key is revoked (``KRL/revokes(key:)``).
    /// - Parameter time: When it was signed; now, unless a trusted clock says otherwise.
    /// - Returns: The line that allows it.
    /// - Throws: ``AllowedSignersError``: if no line allows it, what kept the nearest one from doing so.
    @discardableResult
    public func verify(
        _ signature: SSHSIG, over message: some Collection<UInt8>, namespace: String, principal: String,
        at time: UnixTime
    ) throws(AllowedSignersError) -> AllowedSignersLine {
        let digest = signature.hash.digest(of: message)
        return try verify(signature, digest: digest, namespace: namespace, principal: principal, at: time)
    }

    /// Checks a signature over a message that was hashed elsewhere.
    ///
    /// - Throws: as ``verify(_:over:namespace:principal:at:)``
    @discardableResult
    public func verify(
        _ signature: SSHSIG, digest: [UInt8], namespace: String, principal: String, at time: UnixTime
    ) throws(AllowedSignersError) -> AllowedSignersLine {
        do { try signature.verify(digest: digest, namespace: namespace) } catch { throw .signature(error) }
        var nearest = AllowedSignersError.notAllowed
        for line in lines where line.speaks(for: principal) && line.knows(signature.signer) {
            do throws(AllowedSignersError) {
                try line.check(signature.signer, principal: principal, namespace: namespace, at: time)
                return line
            } catch {
                nearest = error
            }
        }
        throw nearest
    }

    /// The names under which the signer may sign, by the first line that knows it: `ssh-keygen -Y find-principals`.
    /// The signature itself is not checked, and namespaces do not matter.
    ///
    /// - Returns: The patterns of that line, one by one; for a certificate, those of its principals that fit them.
    ///   Nil if no line knows the signer.
    public func principals(of signer: KeyOrCertificate, at time: UnixTime) -> [String]? {
        for line in lines where line.knows(signer) {
            let names = line.names(of: signer, at: time)
            if !names.isEmpty { return names }
        }
        return nil
    }

    /// The patterns of all lines that speak for this name, a text for each line: `ssh-keygen -Y match-principals`.
    public func patterns(for principal: String) -> [String] {
        lines.filter { $0.speaks(for: principal) }.map(\.principals)
    }
}

extension AllowedSignersLine {
    /// Whether the line is about this signer: its key, or the authority of its certificate.
    fileprivate func knows(_ signer: KeyOrCertificate) -> Bool {
        guard isCertAuthority else { return key == signer }
        guard case .certificate(let certificate) = signer else { return false }
        return certificate.signatureKey == key.publicKey
    }

    fileprivate func check(
        _ signer: KeyOrCertificate, principal: String, namespace: String, at time: UnixTime
    ) throws(AllowedSignersError) {
        if isCertAuthority, case .certificate(let certificate) = signer {
            try Self.check(certificate, at: time)
            guard certificate.principals?.contains(principal) == true else {
                throw .certificate("does not name this principal")
            }
        }
        guard permits(namespace: namespace) else { throw .wrongNamespace(namespace) }
        try check(time)
    }

    fileprivate func names(of signer: KeyOrCertificate, at time: UnixTime) -> [String] {
        guard (try? check(time)) != nil else { return [] }
        guard isCertAuthority, case .certificate(let certificate) = signer else {
            return principals.utf8.split(separator: UInt8(ascii: ",")).map {
                String(decoding: $0, as: UTF8.self)
            }
        }
        guard (try? Self.check(certificate, at: time)) != nil else { return [] }
        return certificate.principals?.names.filter(speaks(for:)) ?? []
    }

    private func check(_ time: UnixTime) throws(AllowedSignersError) {
        if let validAfter, time < validAfter { throw .notYetValid }
        if let validBefore, time > validBefore { throw .expired }
    }

    /// What a relying party must ask of a user certificate, beside its principals (draft-miller-ssh-cert §4).
    private static func check(_ certificate: Certificate, at time: UnixTime) throws(AllowedSignersError) {
        guard certificate.kind == .user else { throw .certificate("is for a host") }
        do { try certificate.verifySignature() } catch { throw .certificate("\(error)") }
        guard time >= certificate.validAfter else { throw .certificate("is not valid yet") }
        guard time < certificate.validBefore else { throw .certificate("has expired") }
        guard certificate.criticalOptions.unknown.isEmpty else {
            throw .certificate("demands what is not known here")
        }
    }
}
