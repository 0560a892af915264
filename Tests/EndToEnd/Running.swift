import Foundation
import Synchronization

/// A server process of a test: started, killed, started again.
final class Running: Sendable {
    private struct State {
        var program: SpawnedProgram?
        var starts = 0
    }

    private let state = Mutex(State())

    /// How often it was started before the present one.
    var starts: Int { state.withLock { $0.starts - 1 } }
    var pid: Int32 { state.withLock { $0.program?.pid ?? 0 } }
    var isRunning: Bool { state.withLock { $0.program?.isRunning ?? false } }

    /// Exit status of the present one; for one caller.
    func ended() async -> Int32 {
        guard let program = state.withLock(\.program) else { return -1 }
        return await program.ended()
    }

    func start(_ path: String, _ arguments: [String], log: String) throws {
        let program = try SpawnedProgram(path, arguments, output: log, errors: log)
        state.withLock { state in
            state.program = program
            state.starts += 1
        }
    }

    func kill() {
        guard isRunning else { return }
        Foundation.kill(pid, SIGKILL)
    }
}

/// A TCP port on loopback that nobody listens on just now.
enum FreePort {
    static func find() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe bind(descriptor, pointer, length) == 0
                    && getsockname(descriptor, pointer, &length) == 0
            }
        }
        guard result else { throw Failure("no free port") }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
