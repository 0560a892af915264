import Glibc
import Posix
import Testing

/// Y04. Each runs in a process of its own. The other threads of that process are the test runner's.
@Suite struct `The system calls of a worker` {
    @Test func `Y04 no program is started`() async {
        await #expect(processExitsWith: .signal(SIGSYS)) {
            try ProcessHardening.apply()
            try SystemCallFilter.confineWorker(.thisOne)
            _ = try ChildProcess("/bin/true", []).wait()
        }
    }

    @Test func `Y04 nobody else can connect`() async {
        await #expect(processExitsWith: .signal(SIGSYS)) {
            try ProcessHardening.apply()
            try SystemCallFilter.confineWorker(.thisOne)
            _ = listen(socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0), 1)
        }
    }

    @Test func `Y04 memory becomes executable from files alone`() async {
        await #expect(processExitsWith: .signal(SIGSYS)) {
            try ProcessHardening.apply()
            try SystemCallFilter.confineWorker(.thisOne)
            let file = unsafe open("/proc/self/exe", O_RDONLY)
            guard unsafe mmap(nil, 4_096, PROT_READ | PROT_EXEC, MAP_PRIVATE, file, 0) != MAP_FAILED else {
                exit(3)
            }
            _ = unsafe mmap(nil, 4_096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        }
    }

    @Test func `Y04 files are read and not written, and the services of the machine are out of reach`() async
    {
        await #expect(processExitsWith: .exitCode(7)) {
            try ProcessHardening.apply()
            try SystemCallFilter.confineWorker(.thisOne)
            guard unsafe open("/etc/hosts", O_RDONLY) >= 0 else { exit(1) }
            guard unsafe open("/dev/null", O_WRONLY) < 0, errno == EROFS else { exit(3) }
            guard socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0) < 0, errno == EAFNOSUPPORT else { exit(2) }
            exit(7)
        }
    }

    @Test func `names are looked up and threads started as before`() async {
        await #expect(processExitsWith: .exitCode(7)) {
            try ProcessHardening.apply()
            try SystemCallFilter.confineWorker(.thisOne)
            try BlockingThread.start {
                var found: UnsafeMutablePointer<addrinfo>?
                guard unsafe getaddrinfo("localhost", "443", nil, &found) == 0 else { exit(1) }
                exit(7)
            }
            BlockingThread.pause(milliseconds: 30_000)
        }
    }
}
