import SSHFormats

/// A single numeric address, IPv4 or IPv6, without prefix, zone or port.
enum NumericAddress {
    static func isValid(_ text: String) -> Bool {
        !text.utf8.contains(UInt8(ascii: "/")) && (try? SourceAddresses([text])) != nil
    }
}
