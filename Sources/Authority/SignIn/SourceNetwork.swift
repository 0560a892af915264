/// The network that attempts are counted for: the address itself for IPv4, the /64 for IPv6.
package enum SourceNetwork {
    /// `address` is numeric as the kernel gave it; anything else counts as itself.
    package static func of(_ address: String) -> String {
        guard address.utf8.contains(UInt8(ascii: ":")) else { return address }
        guard !address.utf8.contains(UInt8(ascii: ".")) else { return mapped(address) }
        let bare = address.prefix { $0 != "%" }
        let halves = bare.split(separator: "::", maxSplits: 1, omittingEmptySubsequences: false)
        let head = halves.first.map { groups($0) } ?? []
        guard halves.count == 2 else { return head.prefix(4).joined(separator: ":") + "::/64" }
        let tail = groups(halves[1])
        let zeros = Array(repeating: "0", count: max(0, 8 - head.count - tail.count))
        return (head + zeros + tail).prefix(4).joined(separator: ":") + "::/64"
    }

    private static func groups(_ text: Substring) -> [String] {
        text.split(separator: ":").map { String($0.drop { $0 == "0" }) }.map { $0.isEmpty ? "0" : $0 }
    }

    private static func mapped(_ address: String) -> String {
        address.split(separator: ":").last.map(String.init) ?? address
    }
}
