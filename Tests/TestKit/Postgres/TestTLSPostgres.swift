import Foundation
import Glibc
import Posix

/// A PostgreSQL server that is asked by TCP on loopback, by TLS and with a password alone. Its certificate says
/// `localhost`, by a root of its own.
package struct TestTLSPostgres: Sendable {
    package static let password = "hidden-word-4711"
    package let server: TestPostgres
    package let port: Int
    /// The root that it goes by, and one that it does not, in PEM.
    package var root: String { "\(server.folder)/socket/root.pem" }
    package var otherRoot: String { "\(server.folder)/socket/other.pem" }

    /// - Parameter port: On which nobody listens.
    package init(port: Int) async throws {
        self.port = port
        server = try await TestPostgres(["port=\(port)", "listen_addresses=127.0.0.1"])
        let data = "\(server.folder)/data"
        let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"
        for command in [
            "openssl req -x509 \(key) -subj /CN=root -keyout root.key -out \(root)",
            "openssl req -x509 \(key) -subj /CN=other -keyout other.key -out \(otherRoot)",
            """
            openssl req -x509 \(key) -subj /CN=localhost -addext subjectAltName=DNS:localhost \
                -addext basicConstraints=critical,CA:FALSE -CA \(root) -CAkey root.key -keyout server.key -out server.crt
            """, "chmod 600 server.key", "chmod 644 \(root) \(otherRoot)",
        ] {
            // By the server itself, so that the files are its own; what it has to say is read before the command ends.
            try await run("COPY (SELECT '') TO PROGRAM 'cat >/dev/null; \(command) 2>/dev/null'")
        }
        try await run(
            """
            COPY (SELECT unnest(ARRAY['local all keyreeve trust', 'hostssl all all 127.0.0.1/32 scram-sha-256']))
            TO '\(data)/pg_hba.conf'
            """)
        try await run("CREATE ROLE tls LOGIN PASSWORD '\(Self.password)'")
        try await run("CREATE DATABASE tls OWNER tls")
        try await run("ALTER SYSTEM SET ssl = on")
        try await run("SELECT pg_reload_conf()")
        try await waitForTLS()
    }

    /// Runs a statement as an operator of the machine would.
    @discardableResult
    package func run(_ sql: String) async throws -> String {
        try await server.run(sql, in: "\(server.address)&port=\(port)")
    }

    /// A file with the password as libpq reads it, for this process or for `user`.
    package func passfile(
        _ path: String, password: String = TestTLSPostgres.password, owner user: String? = nil
    ) throws -> String {
        try DurableFile(path).create(Array("*:\(port):*:tls:\(password)\n".utf8), mode: 0o600)
        if let user {
            let owner = try PosixUser(named: user)
            guard unsafe chown(path, owner.uid, owner.gid) == 0 else {
                throw TestPostgresFault(description: "\(path) cannot be given to \(user)")
            }
        }
        return path
    }

    /// `postgresql://` with the password in that file.
    package func address(
        host: String = "localhost", root: String, passfile: String, mode: String = "verify-full"
    ) -> String {
        "postgresql://tls@\(host):\(port)/tls?sslmode=\(mode)&sslrootcert=\(root)&passfile=\(passfile)"
    }

    private func waitForTLS() async throws {
        let deadline = ContinuousClock.now + .seconds(120)
        while try await run("SHOW ssl") != "on\n" {
            guard ContinuousClock.now < deadline else {
                throw TestPostgresFault(description: "no TLS: see \(server.folder)/log")
            }
            try await ContinuousClock().sleep(for: .milliseconds(20))  // polls: a reload tells nobody
        }
    }
}
