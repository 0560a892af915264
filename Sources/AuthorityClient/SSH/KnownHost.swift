package import AuthorityAPI
import Names
package import SSHFormats

/// A host as a client may write it into files of OpenSSH: every name checked again, whoever sent it.
package struct KnownHost: Hashable, Sendable {
    /// The identity's name; host certificates name it, and `HostKeyAlias` is set to it.
    package let name: String
    package let aliases: [String]
    package let addresses: [String]

    /// - Throws: ``KnownHostError/badName(_:)`` for anything but lower-case names and numeric addresses.
    package init(_ host: ReachReply.Host) throws(KnownHostError) {
        for name in [host.name] + host.aliases where (try? Name(host: name)) == nil { throw .badName(name) }
        for address in host.addresses where !Self.isAddress(address) { throw .badName(address) }
        name = host.name
        aliases = host.aliases
        addresses = host.addresses
    }

    /// All that it may be called, its name first, each once.
    package var names: [String] {
        var names: [String] = []
        for name in [name] + aliases + addresses where !names.contains(name) { names.append(name) }
        return names
    }

    private static func isAddress(_ text: String) -> Bool {
        !text.utf8.contains(UInt8(ascii: "/")) && !text.utf8.contains(UInt8(ascii: ","))
            && !text.isEmpty && (try? SourceAddresses([text])) != nil
    }
}

/// Why a name from the server is not written into a file.
package enum KnownHostError: Error, Hashable, Sendable {
    case badName(String)
}

/// The content of our own known_hosts file: the host CAs of the authority, for enrolled names and for nothing else.
package struct KnownHostsText: Sendable {
    package let text: String

    /// - Parameter door: The front door, known by its own key.
    /// - Throws: ``KeyError`` for a CA key that cannot be read.
    package init(hosts: [KnownHost], hostCAKeys: [String], door: KnownDoor? = nil) throws(KeyError) {
        var lines = ["# Written by reeve; changes are lost."]
        for text in hostCAKeys {
            let key = try PublicKey(text: text)
            for host in hosts {
                lines.append(try KnownHostsLine(marker: .certAuthority, hosts: host.names, key: key).text)
            }
        }
        if let door { lines.append(try KnownHostsLine(hosts: [door.knownHostsName], key: door.key).text) }
        text = lines.map { $0 + "\n" }.joined()
    }
}

extension KnownHostError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .badName(let name):
            "the authority sends a host name or address that cannot be one: \(String(reflecting: name))"
        }
    }
}
