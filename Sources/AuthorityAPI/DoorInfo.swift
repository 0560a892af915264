/// Where the front door of an authority is: `ssh` to it signs in and fetches certificates, with nothing installed.
public struct DoorInfo: Codable, Hashable, Sendable {
    /// DNS name or numeric address.
    public let host: String
    public let port: Int
    /// OpenSSH line of its host key, for known_hosts: it has no host certificate.
    public let hostKey: String

    public init(host: String, port: Int, hostKey: String) {
        self.host = host
        self.port = port
        self.hostKey = hostKey
    }
}
