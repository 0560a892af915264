/// The options before a key in authorized_keys, as sshd understands them (sshd(8), AUTHORIZED_KEYS FILE FORMAT).
public struct AuthorizedKeysOptions: Hashable, Sendable {
    /// An address and port that may be forwarded.
    public struct Forward: Hashable, Sendable {
        /// A name, an address or `*`.
        public let host: String
        /// Nil for every port.
        public let port: UInt16?

        /// Forwarding to or from this place.
        public init(host: String, port: UInt16?) {
            self.host = host
            self.port = port
        }
    }

    /// A variable for the session.
    public struct Variable: Hashable, Sendable {
        /// ASCII letters, digits and `_`.
        public let name: String
        /// The value.
        public let value: String
    }

    /// Which tunnel device is taken.
    public enum TunnelDevice: Hashable, Sendable {
        /// Any that is free.
        case any
        /// The one of this number.
        case number(UInt32)
    }

    /// `cert-authority`: the key is an authority's, whose certificates are accepted.
    public var isCertAuthority = false
    /// `restrict`: nothing is allowed but what is allowed after it.
    public var isRestricted = false
    /// Whether ports may be forwarded.
    public var permitsPortForwarding = true
    /// Whether the agent may be forwarded.
    public var permitsAgentForwarding = true
    /// Whether X11 may be forwarded.
    public var permitsX11Forwarding = true
    /// Whether there may be a terminal.
    public var permitsPTY = true
    /// Whether `~/.ssh/rc` is run.
    public var permitsUserRC = true
    /// Whether a FIDO token must be touched; `no-touch-required` says no.
    public var requiresTouch = true
    /// `verify-required`: whether a FIDO token must ask for its PIN or a finger.
    public var requiresVerification = false
    /// `command`: what is run instead of what the user asks for.
    public var command: String?
    /// `principals`: the names one of which a certificate must have, with commas between them.
    public var principals: String?
    /// `from`: patterns and networks with commas between them; see ``permits(host:address:)``.
    public var from: String?
    /// `expiry-time`: the moment at which the key counts no more; the earliest, if there are several.
    public var expiryTime: UnixTime?
    /// `environment`: each name once, the first value counts.
    public internal(set) var environment: [Variable] = []
    /// `permitopen`: the only places to which ports may be forwarded; empty for all.
    public internal(set) var permitOpen: [Forward] = []
    /// `permitlisten`: the only places at which the server may listen; empty for all.
    public internal(set) var permitListen: [Forward] = []
    /// `tunnel`: the tunnel device.
    public var tunnel: TunnelDevice?

    /// No options: everything is allowed.
    public init() {}

    /// Reads options with commas between them.
    ///
    /// - Parameter utcOffset: How many seconds the clock of the reader is ahead of UTC, for dates without `Z`.
    /// - Throws: ``AuthorizedKeysError``. An option that is not known is refused, as sshd refuses the line.
    public init(text: String, utcOffset: Int64 = 0) throws(AuthorizedKeysError) {
        let bytes = Array(text.utf8)
        guard bytes.count <= KeyLine.limit, !bytes.contains(where: { [0, 10, 13].contains($0) }),
            OptionScanner.length(bytes[...]) == bytes.count
        else { throw .malformed("options") }
        var scanner = OptionScanner(bytes[...])
        do {
            while !scanner.isAtEnd {
                try take(&scanner, utcOffset)
                try scanner.separator()
            }
        } catch let error as AuthorizedKeysError {
            throw error
        } catch OptionScanner.Fault.unknown(let name) {
            throw .unknownOption(name)
        } catch OptionScanner.Fault.badQuotation(let name) {
            throw .badOption(name)
        } catch {
            // A comma at the end: sshd sees the blank behind it, and is content.
        }
    }

    /// Whether the key may be used from this host, by `from`. No for an address that is none.
    ///
    /// - Parameters:
    ///   - host: The name of the client, or its address again where names are not looked up.
    ///   - address: The numeric address of the client.
    public func permits(host: String, address: String) -> Bool {
        guard let from else { return true }
        guard let network = IPNetwork(address), network.isSingle else { return false }
        var isMatch = false
        for entry in from.utf8.split(separator: UInt8(ascii: ",")) {
            let isNegated = entry.first == UInt8(ascii: "!")
            let pattern = Array(isNegated ? entry.dropFirst() : entry)
            guard fits(pattern, network, address: address, host: host) else { continue }
            if isNegated { return false }
            isMatch = true
        }
        return isMatch
    }

    private func fits(_ pattern: [UInt8], _ network: IPNetwork, address: String, host: String) -> Bool {
        if let entry = IPNetwork(String(decoding: pattern, as: UTF8.self)) { return entry.contains(network) }
        let lower = pattern.map(\.asciiLowercased)
        return PatternList.matches(Array(address.utf8), pattern)
            || PatternList.matches(host.utf8.map(\.asciiLowercased), lower)
    }
}

extension AuthorizedKeysOptions {
    private mutating func take(_ scanner: inout OptionScanner, _ utcOffset: Int64) throws {
        if scanner.flag("restrict") {
            restrict()
        } else if scanner.flag("cert-authority") {
            isCertAuthority = true
        } else if let isOn = scanner.negatableFlag("port-forwarding") {
            permitsPortForwarding = isOn
        } else if let isOn = scanner.negatableFlag("agent-forwarding") {
            permitsAgentForwarding = isOn
        } else if let isOn = scanner.negatableFlag("x11-forwarding") {
            permitsX11Forwarding = isOn
        } else if let isOn = scanner.negatableFlag("touch-required") {
            requiresTouch = isOn
        } else if let isOn = scanner.negatableFlag("verify-required") {
            requiresVerification = isOn
        } else if let isOn = scanner.negatableFlag("pty") {
            permitsPTY = isOn
        } else if let isOn = scanner.negatableFlag("user-rc") {
            permitsUserRC = isOn
        } else {
            try takeValue(&scanner, utcOffset)
        }
    }

    private mutating func restrict() {
        isRestricted = true
        permitsPortForwarding = false
        permitsAgentForwarding = false
        permitsX11Forwarding = false
        permitsPTY = false
        permitsUserRC = false
    }

    private mutating func takeValue(_ scanner: inout OptionScanner, _ utcOffset: Int64) throws {
        if let value = try scanner.value("command") {
            command = try Self.once("command", value, instead: command)
        } else if let value = try scanner.value("principals") {
            principals = try Self.once("principals", value, instead: principals)
        } else if let value = try scanner.value("from") {
            from = try Self.once("from", value, instead: from)
        } else if let value = try scanner.value("expiry-time") {
            guard let time = AbsoluteTime.parse(value, utcOffset: utcOffset) else {
                throw AuthorizedKeysError.badOption("expiry-time")
            }
            expiryTime = min(expiryTime ?? time, time)
        } else if let value = try scanner.value("environment") {
            try add(variable: try Self.text("environment", value))
        } else if let value = try scanner.value("permitopen") {
            permitOpen.append(try Forward("permitopen", value))
        } else if let value = try scanner.value("permitlisten") {
            let isBare = !value.contains(UInt8(ascii: ":"))
            permitListen.append(try Forward("permitlisten", isBare ? Array("*:".utf8) + value : value))
        } else if let value = try scanner.value("tunnel") {
            tunnel = try Self.tunnel(value)
        }
    }

    private mutating func add(variable text: String) throws(AuthorizedKeysError) {
        guard let end = text.utf8.firstIndex(of: UInt8(ascii: "=")) else { throw .badOption("environment") }
        let name = text[..<end]
        let isName = { (byte: UInt8) in
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "_"): true
            default: false
            }
        }
        guard !name.isEmpty, name.utf8.allSatisfy(isName), environment.count < 1024 else {
            throw .badOption("environment")
        }
        guard !environment.contains(where: { $0.name == name }) else { return }
        let value = String(decoding: text.utf8[end...].dropFirst(), as: UTF8.self)
        environment.append(Variable(name: String(name), value: value))
    }

    private static func once(
        _ name: String, _ value: [UInt8], instead old: String?
    ) throws(AuthorizedKeysError) -> String {
        guard old == nil else { throw .repeatedOption(name) }
        return try text(name, value)
    }

    private static func text(_ name: String, _ value: [UInt8]) throws(AuthorizedKeysError) -> String {
        guard let text = String(validating: value, as: UTF8.self) else { throw .badOption(name) }
        return text
    }

    private static func tunnel(_ value: [UInt8]) throws(AuthorizedKeysError) -> TunnelDevice {
        if value.elementsEqual("any".utf8) { return .any }
        guard value.allSatisfy({ (0x30...0x39).contains($0) }),
            let number = UInt32(String(decoding: value, as: UTF8.self)), number < 0x7fff_fffe
        else { throw .badOption("tunnel") }
        return .number(number)
    }
}

extension AuthorizedKeysOptions.Forward {
    /// Reads `host:port`, `[address]:port`, with `*` for any port. Names of services are not taken, though sshd
    /// looks them up: what they mean differs between machines.
    fileprivate init(_ option: String, _ value: [UInt8]) throws(AuthorizedKeysError) {
        var rest = value[...]
        let name: ArraySlice<UInt8>
        if rest.first == UInt8(ascii: "[") {
            name = rest.dropFirst().prefix { $0 != UInt8(ascii: "]") }
            rest = rest.dropFirst(name.count + 1)
            guard rest.popFirst() == UInt8(ascii: "]") else { throw .badOption(option) }
        } else {
            name = rest.prefix { $0 != UInt8(ascii: ":") && $0 != UInt8(ascii: "/") }
            rest = rest.dropFirst(name.count)
        }
        let separator = rest.popFirst()
        guard separator == UInt8(ascii: ":") || separator == UInt8(ascii: "/"), name.count < 1025,
            let host = String(validating: name, as: UTF8.self)
        else { throw .badOption(option) }
        self.host = host
        if rest.elementsEqual([UInt8(ascii: "*")]) {
            port = nil
            return
        }
        guard rest.allSatisfy({ (0x30...0x39).contains($0) }),
            let number = UInt16(String(decoding: rest, as: UTF8.self)), number > 0
        else { throw .badOption(option) }
        port = number
    }
}
