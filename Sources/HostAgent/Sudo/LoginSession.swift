package import SSHFormats

/// A login over ssh that came by a certificate.
package struct LoginSession: Hashable, Sendable {
    /// sshd's process for it, which ends with the connection.
    package let process: ProcessOrigin.Process
    /// The account that was entered.
    package let login: String
    /// What authenticated.
    package let certificate: Certificate
    /// `CLIENT PORT SERVER PORT`.
    package let connection: String
    package let openedAt: UnixTime
    /// When sshd ended it. What runs on (tmux, mosh) still belongs to it.
    package internal(set) var closedAt: UnixTime?
    /// The audit session and the scope that were made for it alone.
    package internal(set) var audit: UInt32?
    package internal(set) var scope: String?

    /// Whose certificate it is: the first part of its key ID, `person:alice`.
    package var identity: String {
        String(decoding: certificate.keyID.utf8.prefix { $0 != UInt8(ascii: "/") }, as: UTF8.self)
    }

    /// The name of its file.
    var name: String { "\(process.pid)-\(process.started).json" }
}

/// As it is kept.
struct StoredLoginSession: Codable {
    let process: ProcessOrigin.Process
    let login: String
    let certificate: String
    let connection: String
    let openedAt: UInt64
    let closedAt: UInt64?
    let audit: UInt32?
    let scope: String?

    init(_ session: LoginSession) {
        process = session.process
        login = session.login
        certificate = session.certificate.text()
        connection = session.connection
        openedAt = session.openedAt.seconds
        closedAt = session.closedAt?.seconds
        audit = session.audit
        scope = session.scope
    }

    var session: LoginSession? {
        guard let certificate = try? Certificate(text: certificate) else { return nil }
        return LoginSession(
            process: process, login: login, certificate: certificate, connection: connection,
            openedAt: UnixTime(openedAt), closedAt: closedAt.map { UnixTime($0) }, audit: audit, scope: scope)
    }
}
