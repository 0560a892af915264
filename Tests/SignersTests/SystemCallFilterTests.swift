import Glibc
import Posix
import Synchronization
import Testing

/// Y04. Each runs in a process of its own, which the filter ends. The other threads of that process are the test runner's.
@Suite struct `The system calls of the signer` {
    @Test func `Y04 no program is started`() async {
        await #expect(processExitsWith: .signal(SIGSYS)) {
            try ProcessHardening.apply()
            try SystemCallFilter.confineServer(.thisOne)
            _ = try ChildProcess("/bin/true", []).wait()
        }
    }

    @Test func `Y04 no further socket is opened`() async {
        await #expect(processExitsWith: .signal(SIGSYS)) {
            try ProcessHardening.apply()
            try SystemCallFilter.confineServer(.thisOne)
            _ = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        }
    }

    @Test func `Y04 no memory becomes executable`() async {
        await #expect(processExitsWith: .signal(SIGSYS)) {
            try ProcessHardening.apply()
            try SystemCallFilter.confineServer(.thisOne)
            _ = unsafe mmap(
                nil, 4_096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        }
    }

    @Test func `Y04 files are replaced and threads started as before`() async {
        await #expect(processExitsWith: .exitCode(7)) {
            let folder = "/tmp/keyreeve-filter-\(UInt64.random(in: 0 ... .max))"
            try Folder(folder).make()
            try ProcessHardening.apply()
            try SystemCallFilter.confineServer(.thisOne)
            let file = DurableFile("\(folder)/a")
            try file.write([1, 2, 3])
            try BlockingThread.start {
                guard (try? file.read(limit: 3)) == [1, 2, 3], (try? secureRandom(4)) != nil else { return }
                exit(7)
            }
            BlockingThread.pause(milliseconds: 30_000)
        }
    }
}
