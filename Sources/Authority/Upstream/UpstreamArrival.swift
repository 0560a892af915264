package import Names
import SSHFormats

/// Whom a provider vouches for at a sign-in, in the words of this authority.
package struct UpstreamArrival: Hashable, Sendable {
    package let account: UpstreamSubject
    /// What the provider gave out to ask again by; a secret.
    package let token: [UInt8]?
    /// nil where nothing was said about groups.
    package let groups: Set<Name>?
    package let login: VouchedLogin
    /// What a person who is not known yet would be called, where the rules let one be made.
    package let name: Name?

    package init(
        account: UpstreamSubject, token: [UInt8]?, groups: Set<Name>?, login: VouchedLogin = .unsaid,
        name: Name? = nil
    ) {
        self.account = account
        self.token = token
        self.groups = groups
        self.login = login
        self.name = name
    }
}

/// What a provider says of a person's login.
package enum VouchedLogin: Hashable, Sendable {
    /// Nothing: it stays as it is.
    case unsaid
    /// Something that may be nobody's login.
    case none
    case named(Login)
}

extension UpstreamArrival {
    private static let longest = 65_536

    /// For sealing.
    func encoded() -> [UInt8] {
        var writer = WireWriter()
        writer.string(account.issuer)
        writer.string(account.subject)
        writer.optional(token)
        writer.byte(groups == nil ? 0 : 1)
        writer.uint32(UInt32(groups?.count ?? 0))
        for group in (groups ?? []).sorted() { writer.string(group.text) }
        switch login {
        case .unsaid: writer.byte(0)
        case .none: writer.byte(1)
        case .named(let login):
            writer.byte(2)
            writer.string(login.text)
        }
        writer.optional(name.map { Array($0.text.utf8) })
        return writer.bytes
    }

    /// What ``encoded()`` made; nil for anything else.
    init?(_ bytes: [UInt8]) {
        var reader = WireReader(bytes)
        do {
            let account = UpstreamSubject(
                issuer: try reader.text(limit: Self.longest), subject: try reader.text(limit: Self.longest))
            let token = try reader.optional(limit: Self.longest)
            let saysGroups = try reader.byte() == 1
            var groups: Set<Name> = []
            for _ in 0..<(try reader.uint32()) { groups.insert(try Name(try reader.text(limit: 64))) }
            let login: VouchedLogin =
                switch try reader.byte() {
                case 0: .unsaid
                case 2: .named(try Login(try reader.text(limit: 64)))
                default: .none
                }
            let name = try reader.optional(limit: 64).map { try Name(String(decoding: $0, as: UTF8.self)) }
            try reader.end()
            self.init(
                account: account, token: token, groups: saysGroups ? groups : nil, login: login, name: name)
        } catch {
            return nil
        }
    }
}

extension WireWriter {
    fileprivate mutating func optional(_ bytes: [UInt8]?) {
        byte(bytes == nil ? 0 : 1)
        string(bytes ?? [])
    }
}

extension WireReader {
    fileprivate mutating func optional(limit: Int) throws(WireError) -> [UInt8]? {
        let isThere = try byte() == 1
        let bytes = Array(try string(limit: limit))
        return isThere ? bytes : nil
    }
}
