/// What a certificate speaks for: a login, and where. A certificate does not say `root`: it says where.
///
/// `login@host` (one host) or `login@label=value` (every host with that label). `reeve-agent` answers sshd's
/// AuthorizedPrincipalsCommand with the same texts, from local facts.
public enum PrincipalName: Hashable, Sendable, CustomStringConvertible {
    case onHost(Login, Name)
    case onLabel(Login, Label)
    /// A bare login, for hosts without the agent; only the separate plain-user CA signs these.
    case plain(Login)

    public init(_ text: String) throws(NameError) {
        let parts = text.utf8.split(
            separator: UInt8(ascii: "@"), maxSplits: 1, omittingEmptySubsequences: false)
        guard let head = parts.first else { throw .empty }
        let login = try Login(String(decoding: head, as: UTF8.self))
        guard let tail = parts.dropFirst().first else {
            self = .plain(login)
            return
        }
        let place = String(decoding: tail, as: UTF8.self)
        self =
            place.utf8.contains(UInt8(ascii: "="))
            ? .onLabel(login, try Label(place)) : .onHost(login, try Name(host: place))
    }

    public var login: Login {
        switch self {
        case .onHost(let login, _), .onLabel(let login, _), .plain(let login): login
        }
    }

    public var description: String {
        switch self {
        case .onHost(let login, let host): "\(login)@\(host)"
        case .onLabel(let login, let label): "\(login)@\(label)"
        case .plain(let login): login.text
        }
    }
}
