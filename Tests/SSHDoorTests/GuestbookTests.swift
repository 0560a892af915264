import Testing

@testable import SSHDoor

@Suite final class `The guestbook of the door` {
    private var book = Guestbook(DoorLimits())

    private func come(_ count: Int, from address: String = "192.0.2.1", at now: Double = 0) -> [Int] {
        (0..<count).map { _ in
            let guest = book.enter(from: address, now: now).guest
            book.spoke(guest)
            return guest
        }
    }

    private func seated(now: Double) -> [Int] {
        var seated: [Int] = []
        while let next = book.next(now: now) { seated.append(next.guest) }
        return seated
    }

    private func reached(_ phase: Guestbook.Phase, _ guest: Int, now: Double) -> Bool {
        book.reached(phase, guest, now: now)
    }

    @Test func `gives a worker to whoever has spoken, the last one first`() {
        let silent = book.enter(from: "192.0.2.1", now: 0).guest
        let guests = come(3)
        #expect(seated(now: 0) == guests.reversed())
        #expect(book.phase(of: silent) == .waiting)
    }

    @Test func `gives a silent client one after half a second, but few of them`() {
        for _ in 0..<60 { _ = book.enter(from: "192.0.2.1", now: 0) }
        #expect(seated(now: 0.4).isEmpty)
        #expect(seated(now: 0.5).count == 8)
        let guest = come(1, at: 0.6)
        #expect(seated(now: 0.6) == guest)
    }

    @Test func `lets a flood push out itself`() {
        let early = come(1, from: "198.51.100.1")
        #expect(seated(now: 0) == early)
        var evicted: [Int] = []
        for step in 0..<1000 {
            let (guest, out) = book.enter(from: "192.0.2.1", now: Double(step) / 1000)
            evicted += out
            book.spoke(guest)
            while let next = book.next(now: Double(step) / 1000) { evicted += next.evicted }
        }
        #expect(!evicted.contains(early[0]))
        #expect(book.phase(of: early[0]) == .arriving)
        #expect(book.count <= 1 + 64 + 16)
        let late = come(1, from: "198.51.100.2", at: 1)
        #expect(seated(now: 1) == late)
    }

    @Test func `keeps whoever has common keys while a thousand sources only arrive`() {
        let early = come(1, from: "198.51.100.1")[0]
        #expect(seated(now: 0) == [early])
        #expect(reached(.signingIn, early, now: 0))
        for number in 0..<1000 {
            _ = come(1, from: "10.0.\(number / 250).\(number % 250)")
            _ = seated(now: 0)
        }
        #expect(book.phase(of: early) == .signingIn)
    }

    @Test func `gives a source that does too much its workers by the second`() {
        _ = come(64)
        #expect(seated(now: 0).count == 40)
        #expect(seated(now: 0).isEmpty)
        #expect(book.nextMoment(now: 0) == 0.25)
        #expect(seated(now: 1).count == 4)
    }

    @Test func `has whoever was refused wait, and nobody else`() {
        let guest = come(1)[0]
        #expect(seated(now: 0) == [guest])
        for _ in 0..<5 { book.charge(10, guest, now: 0) }
        let (again, other) = (come(1)[0], come(1, from: "192.0.2.2")[0])
        #expect(seated(now: 0) == [other])
        #expect(seated(now: 3) == [again])
    }

    @Test func `has nobody wait for longer than the longest penalty`() {
        let guest = come(1)[0]
        book.charge(1_000_000, guest, now: 0)
        #expect(seated(now: 60).isEmpty)
        #expect(seated(now: 60.3) == [guest])
    }

    @Test func `takes each step once and in order, and puts out whoever is late`() {
        let guest = come(1)[0]
        #expect(!reached(.signingIn, guest, now: 0), "no worker yet")
        #expect(seated(now: 0) == [guest])
        #expect(!reached(.inside, guest, now: 0), "without keys")
        #expect(book.overdue(now: 9.9).isEmpty && book.overdue(now: 10) == [guest])
        #expect(reached(.signingIn, guest, now: 9))
        #expect(!reached(.signingIn, guest, now: 9))
        #expect(book.overdue(now: 308.9).isEmpty && book.overdue(now: 309) == [guest])
        #expect(reached(.inside, guest, now: 300))
        #expect(!reached(.signingIn, guest, now: 300))
        #expect(book.overdue(now: 360) == [guest])
        book.leave(guest)
        #expect(book.count == 0 && book.overdue(now: 999).isEmpty && book.nextMoment(now: 999) == nil)
    }

    @Test func `gives whoever has a session as long again to show more, once`() {
        let guest = come(1)[0]
        #expect(seated(now: 0) == [guest])
        #expect(!reached(.steppingUp, guest, now: 0), "without keys")
        #expect(reached(.signingIn, guest, now: 0) && reached(.steppingUp, guest, now: 200))
        #expect(!reached(.steppingUp, guest, now: 300) && !reached(.signingIn, guest, now: 300))
        #expect(book.overdue(now: 499).isEmpty && book.overdue(now: 500) == [guest])
        #expect(reached(.inside, guest, now: 499) && !reached(.steppingUp, guest, now: 499))
        #expect(book.overdue(now: 559) == [guest])
    }

    @Test func `X07 remembers no more than it may of countless sources`() {
        for number in 0..<70_000 {
            let guest = come(1, from: "10.\(number >> 16).\(number >> 8 & 255).\(number & 255)")[0]
            #expect(seated(now: 0) == [guest])
            book.leave(guest)
        }
        #expect(book.remembered <= 65_536)
    }

    @Test(arguments: [
        ("192.0.2.1", "192.0.2.1"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8::1", "2001:db8:0:0::/64"),
        ("::1", "0:0:0:0::/64"), ("fe80::1%eth0", "fe80:0:0:0::/64"), ("2001:db8:1:2::", "2001:db8:1:2::/64"),
    ])
    func `counts an IPv6 address by its network`(_ address: String, _ source: String) {
        #expect(DoorSource.of(address) == source)
    }
}
