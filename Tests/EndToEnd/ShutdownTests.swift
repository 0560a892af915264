import AuthorityAPI
import AuthorityClient
import Foundation
import Posix
import Testing

@Suite(.servers) struct `A server that is told to end` {
    @Test func `answers what is under way, ends its streams and waits for no silent client`() async throws {
        let house = try await Installation()
        try await house.enrolAdmin()
        let host = try await PlayedHost(house, name: "web1.example.com")
        let (opened, opening) = AsyncStream.makeStream(of: Void.self)
        let stream = Task { () -> Int in
            var events = 0
            for try await _ in host.connection.events(.hostEvents) {
                events += 1
                opening.yield()
            }
            return events
        }
        for await _ in opened { break }
        let silent = try await SilentClient(house)
        let slow = try await SlowRequest(house)

        kill(house.serverPID, SIGTERM)
        #expect(try await stream.value > 0, "the stream ends as streams end")
        let answer = try await slow.finish()
        #expect(answer == "401", "the request that was under way is answered")
        let answered = ContinuousClock.now
        #expect(await house.ending() == 0)
        #expect(
            answered.duration(to: .now) < .seconds(4), "NIOSSL alone would wait 5 s for the silent client")
        withExtendedLifetime(silent) {}
        await host.connection.close()
    }

    @Test func `ends as well when its terminal hangs up`() async throws {
        let house = try await Installation()
        kill(house.serverPID, SIGHUP)
        #expect(await house.ending() == 0)
    }
}

@Suite(.servers) struct `A server whose address is taken` {
    private static let user = ProcessHardening.isRoot ? ["--user", "nobody"] : []

    @Test func `says how to find who has it, and makes nothing`() async throws {
        let house = try await Installation()
        let folder = house.scratch.path("second")
        let ending = try await Program.run(
            "reeved", ["serve", "--data", folder, "--listen", "127.0.0.1:\(house.port)"] + Self.user)
        #expect(ending.status == 1)
        #expect(ending.errors.hasPrefix("reeved: something else listens on 127.0.0.1:\(house.port). "))
        #expect(!FileManager.default.fileExists(atPath: folder + "/keyreeve.db"))
    }

    @Test func `says so when the address is another machine's`() async throws {
        let scratch = Scratch()
        let ending = try await Program.run(
            "reeved", ["serve", "--data", scratch.path("data"), "--listen", "192.0.2.1:8443"] + Self.user)
        #expect(ending.status == 1)
        #expect(ending.errors.contains("this machine has no address 192.0.2.1"))
    }
}

/// A client that holds a connection by TLS and then does nothing at all, not even read.
private final class SilentClient: Sendable {
    private let program: SpawnedProgram
    private let hold: FileHandle

    init(_ house: Installation) async throws {
        let pipe = try Pipe(house.scratch.path("silent.in"))
        let errors = house.scratch.path("silent.err")
        program = try SpawnedProgram(
            "/usr/bin/openssl", ["s_client", "-quiet", "-connect", "127.0.0.1:\(house.port)"],
            input: pipe.path, output: house.scratch.path("silent.out"), errors: errors)
        hold = pipe.end
        try await until("the silent client is connected") {
            FileManager.default.contents(atPath: errors)?.isEmpty == false
        }
        kill(program.pid, SIGSTOP)
    }

    deinit { kill(program.pid, SIGKILL) }
}

/// A request whose head is sent and whose body is held back.
private final class SlowRequest: Sendable {
    private let program: SpawnedProgram
    private let body: FileHandle
    private let output: String

    init(_ house: Installation) async throws {
        let pipe = try Pipe(house.scratch.path("slow.in"))
        let errors = house.scratch.path("slow.err")
        output = house.scratch.path("slow.out")
        program = try SpawnedProgram(
            "/usr/bin/curl",
            [
                "-skv", "-o", "/dev/null", "-w", "%{http_code}", "-X", "POST", "-H", "Expect:", "-H",
                "Content-Type: application/json", "-T", "-", "\(house.url)/v1/sign-in",
            ], input: pipe.path, output: output, errors: errors)
        body = pipe.end
        body.write(Data("{".utf8))
        try await until("the head of the slow request is sent") {
            String(decoding: FileManager.default.contents(atPath: errors) ?? Data(), as: UTF8.self)
                .contains("> POST")
        }
        // Another request there and back: the server has read by then what was sent before.
        _ = try await Program.run("/usr/bin/curl", ["-skf", "\(house.url)/livez"])
    }

    /// Sends the rest.
    ///
    /// - Returns: The status of the answer; 000 if there is none.
    func finish() async throws -> String {
        body.write(Data("}".utf8))
        try body.close()
        _ = await program.ended()
        return String(decoding: FileManager.default.contents(atPath: output) ?? Data(), as: UTF8.self)
    }
}

/// A named pipe that holds back a program's input. Opened for both ways, so that nobody waits for the other end.
private struct Pipe {
    let path: String
    let end: FileHandle

    init(_ path: String) throws {
        self.path = path
        guard unsafe mkfifo(path, 0o600) == 0 else { throw Failure("no pipe \(path)") }
        let number = unsafe open(path, O_RDWR | O_CLOEXEC)
        guard number >= 0 else { throw Failure("cannot open \(path)") }
        end = FileHandle(fileDescriptor: number, closeOnDealloc: true)
    }
}
