import Glibc
import Posix
import Testing

@Suite struct `A durable file` {
    let folder = "/tmp/keyreeve-posix-\(UInt64.random(in: 0 ... .max))"

    init() throws { try Folder(folder).make() }

    @Test func `is read back as written, with its mode from the start`() throws {
        let file = DurableFile("\(folder)/a")
        try file.write([1, 2, 3], mode: 0o640)
        #expect(try file.read(limit: 3) == [1, 2, 3])
        #expect(try file.access().permissions == 0o640)
    }

    @Test func `does not take the place of a pipe`() throws {
        let pipe = DurableFile("\(folder)/pipe")
        #expect(unsafe mkfifo(pipe.path, 0o600) == 0)
        #expect(throws: PosixError("replace", path: pipe.path, code: EINVAL)) { try pipe.write([1]) }
        #expect(try !pipe.access().isRegularFile)
    }

    @Test func `longer than the limit is not read`() throws {
        let file = DurableFile("\(folder)/b")
        try file.write([1, 2, 3])
        #expect(throws: PosixError("read", path: file.path, code: EFBIG)) { try file.read(limit: 2) }
    }

    @Test func `behind a symbolic link is refused unless asked for`() throws {
        let file = DurableFile("\(folder)/c")
        try file.write([7])
        let link = DurableFile("\(folder)/link")
        #expect(unsafe symlink(file.path, link.path) == 0)
        #expect(throws: PosixError("open", path: link.path, code: ELOOP)) { try link.read(limit: 9) }
        #expect(try link.read(limit: 9, symbolicLinks: .follow) == [7])
    }

    @Test func `is created only once`() throws {
        let file = DurableFile("\(folder)/d")
        try file.create([1])
        #expect(throws: PosixError("link", path: file.path, code: EEXIST)) { try file.create([2]) }
        #expect(try file.read(limit: 1) == [1])
    }

    @Test func `that is absent reads as nil and is removed without complaint`() throws {
        let file = DurableFile("\(folder)/none")
        #expect(try file.readIfPresent(limit: 1) == nil)
        try file.remove()
    }

    @Test func `names path and reason in its error`() {
        #expect(
            PosixError("open", path: "/x", code: ENOENT).description == "open /x: No such file or directory")
    }

    @Test func `lock is held by one at a time`() throws {
        let path = "\(folder)/lock"
        let held = try FileLock(path)
        #expect(throws: PosixError("flock", path: path, code: EWOULDBLOCK)) { try FileLock(path) }
        #expect(held.path == path)
    }
}

@Suite struct `A Unix socket` {
    let path = "/tmp/keyreeve-socket-\(UInt64.random(in: 0 ... .max))"

    @Test func `carries bytes both ways and names its peer`() throws {
        let listener = try UnixListener(path)
        #expect(try DurableFile(path).access().permissions == 0o600)
        let client = try UnixConnection.connect(path)
        let server = try listener.accept()
        #expect(try server.peer().pid == getpid())
        try client.write([1, 2, 3, 4])
        #expect(try server.read(exactly: 3) == [1, 2, 3])
        #expect(try server.read(upTo: 10) == [4])
        server.shutdown()
        #expect(try client.read(upTo: 10) == [])
    }

    @Test func `gives up at the deadline`() throws {
        let listener = try UnixListener(path)
        let client = try UnixConnection.connect(path)
        let deadline = Deadline(nanoseconds: 0)
        #expect(throws: PosixError("poll", path: path, code: ETIMEDOUT)) {
            try client.read(exactly: 1, deadline: deadline)
        }
        #expect(listener.path == path)
    }

    @Test func `is taken over from a dead process but not from a living one`() throws {
        do { _ = try UnixListener(path) }
        let listener = try UnixListener(path)
        #expect(throws: PosixError("bind", path: path, code: EADDRINUSE)) { try UnixListener(path) }
        #expect(listener.path == path)
    }
}

@Suite struct `A folder` {
    @Test func `says what space there is, and that it cannot be written`() throws {
        let folder = Folder("/tmp/keyreeve-posix-\(UInt64.random(in: 0 ... .max))")
        #expect(throws: PosixError("access", path: folder.path, code: ENOENT)) { try folder.space() }
        try folder.make()
        #expect(try folder.space() > 0)
        #expect(throws: PosixError.self) { try Folder("/proc/self").space() }
    }
}
