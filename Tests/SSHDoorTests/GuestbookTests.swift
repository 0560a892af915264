import Testing

@testable import SSHDoor

@Suite struct `The guestbook of the door` {
    @Test func `gives a worker to whoever has spoken, the last one first`() throws {
        var book = Guestbook(DoorLimits())
        let first = book.enter(from: "192.0.2.1", now: 0).guest
        let second = book.enter(from: "192.0.2.2", now: 0).guest
        #expect(book.next(now: 0) == nil)
        book.spoke(first)
        book.spoke(second)
        #expect(book.next(now: 0)?.guest == second)
        #expect(book.next(now: 0)?.guest == first)
        #expect(book.next(now: 0) == nil)
    }
}
