import CPosix
import Foundation
import Glibc
import Posix

/// A PostgreSQL server of the tests' own: on a Unix socket in a folder of its own, synced like any other. It ends with
/// the process that started it, however that ends.
package struct TestPostgres: Sendable {
    package let folder: String
    package var socketFolder: String { folder + "/socket" }

    /// One for all tests of this process.
    package static var shared: TestPostgres { get async throws { try await starting.value } }
    private static let starting = Task { try await TestPostgres() }

    private static let programs = "/usr/lib/postgresql/15/bin"

    /// Makes a cluster and starts it; returns when it answers.
    ///
    /// - Parameter settings: `name=value`, for the server's command line.
    package init(_ settings: [String] = []) async throws {
        self = try Self.inFolder()
        try await Self.finish(
            Self.unprivileged + [
                "\(Self.programs)/initdb", "-D", "\(folder)/data", "-U", "keyreeve", "-A", "trust", "-E",
                "UTF8", "--locale=C", "--no-sync",
            ])
        try start(settings)
    }

    /// A standby that follows another server.
    package init(following primary: TestPostgres) async throws {
        self = try Self.inFolder()
        try await follow(primary)
    }

    /// Becomes a standby of another server, from nothing, on the address that it has. It must not be running.
    package func follow(_ primary: TestPostgres) async throws {
        try await forgetMemory()
        try await Self.finish(["/bin/rm", "-rf", "\(folder)/data"])
        try await Self.finish(
            Self.unprivileged + [
                "\(Self.programs)/pg_basebackup", "-h", primary.socketFolder, "-U", "keyreeve", "-D",
                "\(folder)/data", "-R", "-X", "stream", "--no-sync", "-c", "fast",
            ])
        try start()
    }

    private init(folder: String) { self.folder = folder }

    private static func inFolder() throws -> TestPostgres {
        let server = TestPostgres(folder: "/tmp/keyreeve-postgres-\(UInt64.random(in: .min ... .max))")
        try FileManager.default.createDirectory(
            atPath: server.socketFolder, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o755])
        if ProcessHardening.isRoot {
            let user = try PosixUser(named: "postgres")
            try Folder(server.folder).give(to: user)
            try Folder(server.socketFolder).give(to: user)
        }
        try server.startCleaner()
        return server
    }

    /// `postgresql://` of a schema that nobody else has.
    package func schema() async throws -> String {
        let name = "s\(UInt64.random(in: .min ... .max))"
        try await run("CREATE SCHEMA \(name)")
        return address + "&options=-csearch_path%3D\(name)"
    }

    /// `postgresql://` of a database that nobody else has.
    package func database() async throws -> String {
        let name = "d\(UInt64.random(in: .min ... .max))"
        try await run("CREATE DATABASE \(name)")
        return address.replacing("/postgres?", with: "/\(name)?")
    }

    /// `postgresql://` of the server's first database.
    package var address: String { Self.address([self]) }

    /// `postgresql://` of the first database of whichever of them may be written to.
    package static func address(_ servers: [TestPostgres]) -> String {
        let hosts = servers.map { $0.socketFolder.replacing("/", with: "%2F") }.joined(separator: ",")
        return "postgresql://keyreeve@/postgres?host=\(hosts)"
    }

    /// Runs a statement as an operator would.
    ///
    /// - Returns: Its rows, unaligned, without a header.
    @discardableResult
    package func run(_ sql: String, in address: String? = nil) async throws -> String {
        try await Self.finish([
            "\(Self.programs)/psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", address ?? self.address, "-c",
            sql,
        ])
    }

    /// PostgreSQL refuses to run as root.
    private static var unprivileged: [String] {
        ProcessHardening.isRoot
            ? ["/usr/bin/setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] : []
    }

    /// Ends the server with SIGKILL, and all processes that it started: its lock file and its shared memory stay behind,
    /// and nobody says goodbye to anybody.
    package func crash() throws {
        guard let server else { throw TestPostgresFault(description: "no server runs in \(folder)") }
        // So that it starts no process that is not in the list.
        kill(server, SIGSTOP)
        let children = Self.children(of: server)
        for process in children + [server] { kill(process, SIGKILL) }
        // The next server looks whether the one in the lock file is there, be it only waiting to be asked about.
        try waitFor("end") {
            !FileManager.default.fileExists(atPath: "/proc/\(server)")
                && !children.contains(where: Self.isRunning)
        }
    }

    /// The process that all others of the server come from, as its lock file names it.
    private var server: Int32? { status.split(separator: "\n").first.flatMap { Int32($0) } }

    private var status: String {
        (try? String(contentsOfFile: "\(folder)/data/postmaster.pid", encoding: .utf8)) ?? ""
    }

    private static func children(of process: Int32) -> [Int32] {
        let path = "/proc/\(process)/task/\(process)/children"
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        return text.split(separator: " ").compactMap { Int32($0) }
    }

    /// One that has ended and that nobody has asked about is still listed.
    private static func isRunning(_ process: Int32) -> Bool {
        guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else {
            return false
        }
        return text.split(separator: ")").last?.split(separator: " ").first != "Z"
    }

    /// Lets go of the shared memory that a killed server left behind: one that starts on the same files would take it
    /// over, one that never does leaves it for good.
    private func forgetMemory() async throws {
        let lines = status.split(separator: "\n", omittingEmptySubsequences: false)
        guard let segment = lines.dropFirst(6).first?.split(separator: " ").last else { return }
        _ = try? await Self.finish(["/usr/bin/ipcrm", "-m", String(segment)])
    }

    /// Starts the server; returns when it answers.
    package func start(_ settings: [String] = []) throws {
        let killed = server
        let options =
            [
                "listen_addresses=", "unix_socket_directories=\(socketFolder)", "max_connections=800",
                // In files, not in /dev/shm, where those of a killed server would stay.
                "shared_buffers=64MB", "dynamic_shared_memory_type=mmap",
            ] + settings
        let command =
            Self.unprivileged + ["\(Self.programs)/postgres", "-D", "\(folder)/data"]
            + options.flatMap { ["-c", $0] }
        try Self.spawn(["/bin/sh", "-c", "exec \"$@\" >>\"$0\" 2>&1", "\(folder)/log"] + command)
        try waitFor("start") { server != killed && status.contains("ready") }
    }

    /// A shell waits for the end of its input, which is the end of this process, and then ends the server.
    private func startCleaner() throws {
        let script = """
            cat >/dev/null
            segment=$(awk 'NR == 7 { print $2 }' "$0/data/postmaster.pid" 2>/dev/null)
            pid=$(head -n 1 "$0/data/postmaster.pid" 2>/dev/null) && kill -INT "$pid" 2>/dev/null \\
                && while kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
            [ -z "$segment" ] || ipcrm -m "$segment" 2>/dev/null
            rm -rf "$0"
            """
        var ends: [Int32] = [0, 0]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard unsafe socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
            throw TestPostgresFault(description: "no pair of sockets")
        }
        try Self.spawn(
            ["/bin/sh", "-c", script, folder],
            input: FileHandle(fileDescriptor: ends[0], closeOnDealloc: true))
    }

    private static func spawn(_ command: [String], input: FileHandle = .nullDevice) throws {
        let program = Process()
        program.executableURL = URL(fileURLWithPath: command[0])
        program.arguments = Array(command.dropFirst())
        program.standardInput = input
        try program.run()
    }

    private func waitFor(_ what: String, _ isDone: () -> Bool) throws {
        let deadline = Deadline.after(milliseconds: 30_000)
        while !isDone() {
            guard deadline.nanoseconds > MonotonicClock.now() else {
                throw TestPostgresFault(description: "PostgreSQL did not \(what): see \(folder)/log")
            }
            BlockingThread.pause(milliseconds: 20)  // polls: the server tells by a file alone
        }
    }

    /// Runs a program to its end.
    @discardableResult
    private static func finish(_ command: [String]) async throws -> String {
        let program = Process()
        program.executableURL = URL(fileURLWithPath: command[0])
        program.arguments = Array(command.dropFirst())
        let (output, errors) = (Pipe(), Pipe())
        (program.standardOutput, program.standardError) = (output, errors)
        program.standardInput = FileHandle.nullDevice
        let status = try await withCheckedThrowingContinuation {
            (caller: CheckedContinuation<Int32, any Error>) in
            program.terminationHandler = { caller.resume(returning: $0.terminationStatus) }
            do { try program.run() } catch { caller.resume(throwing: error) }
        }
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        guard status == 0 else {
            let why = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            throw TestPostgresFault(description: "\(command[0]): \(why)")
        }
        return text
    }
}

package struct TestPostgresFault: Error, CustomStringConvertible { package let description: String }
