package import Authority
package import Names
package import SSHFormats

extension InMemoryStore: Clocks {
    package func clock(of host: IdentityID) -> HostClock? { contents.clocks[host] }

    package func clocks(offBy seconds: UInt64, seenAfter time: UnixTime) -> [HostClock] {
        contents.clocks.values.filter { $0.ahead.magnitude > seconds && $0.at > time }
    }
}

extension InMemoryStore.Contents {
    mutating func keep(_ clock: HostClock) {
        guard clocks[clock.host].map({ $0.at <= clock.at }) ?? true else { return }
        clocks[clock.host] = clock
    }
}
