import Foundation
import Posix
import TestKit
import Testing

/// A proxy as people put it in front, on loopback; connections to the server are kept and shared by all clients.
enum Proxy: String, CaseIterable, Sendable {
    case nginx = "/usr/sbin/nginx"
    case haproxy = "/usr/sbin/haproxy"

    /// Configuration, and the line that it logs for each request: where it sent it (`back`, or something else).
    func configuration(folder: String, port: Int, server: Int) -> String {
        switch self {
        case .nginx:
            """
            daemon off; master_process off; pid \(folder)/nginx.pid; error_log \(folder)/error.log;
            events {}
            http {
              log_format sent '$upstream_addr';
              access_log \(folder)/sent.log sent;
              client_body_temp_path \(folder)/body; proxy_temp_path \(folder)/proxy;
              fastcgi_temp_path \(folder)/f; uwsgi_temp_path \(folder)/u; scgi_temp_path \(folder)/s;
              upstream back { server 127.0.0.1:\(server); keepalive 1; }
              server {
                listen 127.0.0.1:\(port);
                location / {
                  proxy_pass https://back; proxy_http_version 1.1; proxy_request_buffering off;
                  proxy_set_header Host localhost; proxy_set_header Connection "";
                }
              }
            }
            """
        case .haproxy:
            """
            global
              log stdout format raw local0
            defaults
              mode http
              log global
              timeout connect 5s
              timeout client 2s
              timeout server 5s
              option http-keep-alive
            frontend front
              bind 127.0.0.1:\(port)
              log-format "sent %s"
              default_backend back
            backend back
              http-reuse always
              http-request set-header Host localhost
              server back 127.0.0.1:\(server) ssl verify none
            """
        }
    }

    func arguments(_ file: String) -> [String] { self == .nginx ? ["-c", file] : ["-db", "-f", file] }

    /// How many requests it has passed on.
    func sent(_ folder: String) -> Int {
        let text =
            (try? String(contentsOfFile: "\(folder)/\(self == .nginx ? "sent.log" : "out")", encoding: .utf8))
            ?? ""
        return text.split(separator: "\n").count {
            self == .nginx ? $0.hasPrefix("127.0.0.1") : $0.contains("sent back")
        }
    }
}

@Suite(
    .servers, .serialized,
    .enabled(
        if: Proxy.allCases.allSatisfy { FileManager.default.isExecutableFile(atPath: $0.rawValue) },
        "make setup installs nginx and HAProxy"))
struct `Behind a proxy` {
    private static let hidden = "GET /v1/krl/host HTTP/1.1\r\nHost: localhost\r\n\r\n"
    private static let post =
        "POST /v1/sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"

    /// What has made proxies and servers disagree where a request ends.
    static let payloads: [String] = {
        let length = Self.hidden.utf8.count
        let chunked = "0\r\n\r\n" + Self.hidden
        let encodings = [
            "Transfer-Encoding: chunked", "Transfer-Encoding : chunked", "Transfer-Encoding: xchunked",
            "Transfer-Encoding:\tchunked", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
            "Transfer-Encoding: identity, chunked", "X: y\r\n Transfer-Encoding: chunked",
            "X: y\nTransfer-Encoding: chunked", "Transfer-Encoding\r\n: chunked",
            "\u{b}Transfer-Encoding: chunked",
            "Transfer-Encoding: \"chunked\"", "Transfer-Encoding: chunked\r\nTransfer-encoding: x",
        ]
        let both = encodings.flatMap { encoding in
            [
                "\(Self.post)Content-Length: \(chunked.utf8.count)\r\n\(encoding)\r\n\r\n\(chunked)",
                "\(Self.post)\(encoding)\r\nContent-Length: 4\r\n\r\n\(chunked)",
            ]
        }
        let lengths = [
            "Content-Length: 0\r\nContent-Length: \(length)",
            "Content-Length: \(length)\r\nContent-Length: 0",
            "Content-Length: +\(length)", "Content-Length: 0\(length)", "Content-Length: \(length) ",
            "Content-Length : \(length)", "Content-Length: \(length), \(length)", "Content-Length: 0x5",
            "X: y\nContent-Length: \(length)",
        ].map { "\(Self.post)\($0)\r\n\r\n\(Self.hidden)" }
        let chunks = [
            "0;\nx\r\n\r\n", "00000000000000000\r\n\r\n", "-1\r\n\r\n", "0x0\r\n\r\n", "0 \r\n\r\n", "0\n\n",
        ]
        .map { "\(Self.post)Transfer-Encoding: chunked\r\n\r\n\($0)\(Self.hidden)" }
        let heads = [
            "GET /livez HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(length)\r\n\r\n\(Self.hidden)",
            "GET /livez HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n\(chunked)",
            "GET http://evil.example.com/livez HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "GET /livez HTTP/1.1\r\nHost: localhost\r\nHost: evil.example.com\r\n\r\n",
            "GET /livez?x=\r\n\(Self.hidden)", "GET /livez HTTP/1.1\nHost: localhost\n\n",
        ]
        return both + lengths + chunks + heads
    }()

    @Test(.timeLimit(.minutes(20)), arguments: Proxy.allCases)
    func `P03 what the proxy sends on is what the server sees, request by request`(
        _ proxy: Proxy
    ) async throws {
        let house = try await Installation()
        let port = try FreePort.find()
        let folder = house.scratch.folder
        let file = try house.scratch.write(
            proxy.configuration(folder: folder, port: port, server: house.port) + "\n", to: "proxy.conf")
        let running = try SpawnedProgram(
            proxy.rawValue, proxy.arguments(file), output: "\(folder)/out", errors: "\(folder)/err")
        defer { kill(running.pid, SIGKILL) }
        try await until("the proxy listens") { try await answers(port) }
        let before = (proxy.sent(folder), seen(house))
        let input = String(decoding: try JSONEncoder().encode(Self.payloads), as: UTF8.self)
        let told = try await Program.run("/usr/bin/python3", ["-c", Self.sender, "\(port)"], input: input)
        #expect(told.status == 0, "\(told.errors)")
        #expect(told.output == "", "the next client got another's answer")
        try await until("both have written their logs") {
            proxy.sent(folder) - before.0 == seen(house) - before.1
                && proxy.sent(folder) - before.0 >= Self.payloads.count
        }
        #expect(try await answers(port))
    }

    /// Sends each payload on a connection of its own, and after it, on another, an innocent request, which must get its
    /// answer and nothing else.
    private static let sender = """
        import json, socket, sys
        def exchange(data):
            with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as s:
                s.settimeout(2)
                s.sendall(data)
                got = b""
                try:
                    while part := s.recv(65536): got += part
                except OSError: pass
                return got
        innocent = b"GET /livez HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n"
        for payload in json.load(sys.stdin):
            exchange(payload.encode())
            got = exchange(innocent)
            if not (got.startswith(b"HTTP/1.1 200") and got.endswith(b"ok\\n") and got.count(b"HTTP/1.1") == 1):
                print(repr(payload), repr(got))
        """

    private func answers(_ port: Int) async throws -> Bool {
        try await Program.run("/usr/bin/curl", ["-sf", "http://127.0.0.1:\(port)/livez"]).status == 0
    }

    /// Requests that reached the server, by its log.
    private func seen(_ house: Installation) -> Int {
        house.scratch.text("log").split(separator: "\n").count { $0.contains("\"request\":") }
    }
}
