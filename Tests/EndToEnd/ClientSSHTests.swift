import AuthorityAPI
import AuthorityClient
import Foundation
import SSHFormats
import Testing

/// What `ssh -G` says about these arguments; nil if it refuses them.
private func effective(_ arguments: [String], config: String = "none") throws -> [String: [String]]? {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/ssh")
    process.arguments = ["-F", config, "-G"] + arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { return nil }
    var facts: [String: [String]] = [:]
    for line in text.split(separator: "\n") {
        guard let space = line.firstIndex(of: " ") else { continue }
        facts[String(line[..<space]), default: []].append(String(line[line.index(after: space)...]))
    }
    return facts
}

@Suite struct `The arguments of ssh` {
    static let lines: [[String]] = [
        ["web1"], ["deploy@web1"], ["-l", "deploy", "web1"], ["-ldeploy", "web1", "uptime", "-l", "root"],
        ["-p", "2222", "deploy@web1"], ["-vvNTp2222", "deploy@web1"], ["web1", "-l", "deploy"],
        ["web1", "-p", "2222", "ls", "-l"], ["ssh://deploy@web1:2222"], ["ssh://deploy@web1/"],
        ["-o", "User=x", "deploy@web1"], ["-oUser=x", "-l", "deploy", "root@web1"],
        ["-l", "deploy", "-o", "user = x", "web1"],
        ["-o", "uSer \"x\"", "web1"], ["-o", "UserKnownHostsFile=/k", "deploy@web1"],
        ["root@web1", "-l", "deploy"],
        ["-A", "-J", "jump@bastion", "deploy@web1", "--", "ls"], ["--", "deploy@web1", "ls"], ["a@b@web1"],
        ["-L", "80:localhost:80", "-D9", "deploy@web1"], ["-W", "a:1", "deploy@web1"],
    ]

    @Test(arguments: lines) func `lead where ssh itself goes`(_ arguments: [String]) throws {
        let line = SSHCommandLine(arguments)
        let facts = try #require(try effective(arguments))
        #expect(line.host == facts["hostname"]?.first)
        if let login = line.login { #expect([login] == facts["user"]) }
    }

    @Test(arguments: lines) func `take our options without losing the caller's`(_ arguments: [String]) throws
    {
        let line = SSHCommandLine(arguments)
        let facts = try #require(
            try effective(line.adding(options: ["HostKeyAlias=web1.example.com", "Port=99"])))
        let plain = try #require(try effective(arguments))
        #expect(facts["hostkeyalias"] == ["web1.example.com"])
        #expect(facts["user"] == plain["user"])
        if plain["port"] != ["22"], arguments.first != "web1",
            !arguments.contains(where: { $0.hasPrefix("ssh:") })
        {
            #expect(facts["port"] == plain["port"])
        }
    }

    @Test(arguments: [
        ["-V"], ["-Q", "key"], ["-O", "exit", "web1"], ["-G", "web1"], [], ["-p", "22"], ["-!", "web1"],
    ])
    func `are left alone when ssh goes nowhere that we know`(_ arguments: [String]) {
        #expect(SSHCommandLine(arguments).host == nil)
    }
}

@Suite struct `The block for ssh_config` {
    private static func host(
        _ name: String, aliases: [String] = [], addresses: [String] = []
    ) throws -> KnownHost {
        try KnownHost(ReachReply.Host(name: name, aliases: aliases, addresses: addresses, logins: []))
    }

    @Test(arguments: ["web1.example.com", "web1", "10.0.0.5", "2001:db8::5"])
    func `gives stock ssh certificate, key and known hosts for every name of a host`(_ name: String) throws {
        let folder = FileManager.default.temporaryDirectory.path + "/reeve test \(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let hosts = [
            try Self.host("web1.example.com", aliases: ["web1"], addresses: ["10.0.0.5", "2001:db8::5"]),
            try Self.host("db1.example.com"),
        ]
        let config = folder + "/ssh_config"
        try SSHConfigText(folder: folder).block(for: hosts).write(
            toFile: config, atomically: true, encoding: .utf8)
        let facts = try #require(try effective(["deploy@\(name)"], config: config))
        #expect(facts["hostkeyalias"] == ["web1.example.com"])
        #expect(facts["userknownhostsfile"] == ["\(folder)/known_hosts"])
        #expect(facts["globalknownhostsfile"] == ["/dev/null"])
        #expect(facts["revokedhostkeys"] == ["\(folder)/revoked_hosts"])
        #expect(facts["identityfile"] == ["\(folder)/certificates/by-host/%r@web1.example.com"])
        #expect(facts["certificatefile"] == ["\(folder)/certificates/by-host/%r@web1.example.com-cert.pub"])
        #expect(facts["identitiesonly"] == ["yes"])
        #expect(facts["stricthostkeychecking"] == ["true"])
    }

    @Test(arguments: ["deploy", "o'hara", "$(reboot)' `reboot` '", "x\\y"], ["web1", "10.0.0.5", "db1"])
    func `N05 names key and certificate where a program says so, for logins that a shell cannot misread`(
        _ login: String, _ name: String
    ) throws {
        let folder = FileManager.default.temporaryDirectory.path + "/reeve exec \(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let host = try Self.host("web1.example.com", aliases: ["web1"], addresses: ["10.0.0.5"])
        for (status, program) in [(0, folder + "/yes"), (1, folder + "/no")] {
            let script = "#!/bin/sh\nprintf '%s|' \"$@\" >'\(folder)/words'\nexit \(status)\n"
            try script.write(toFile: program, atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
            let config = folder + "/ssh_config"
            try? FileManager.default.removeItem(atPath: folder + "/words")
            let fetch = try SSHFetchCommand(program, state: folder)
            let block = try SSHConfigText(folder: folder).block(for: [host], fetch: fetch)
            try "User \"\(login)\"\n\(block)".write(toFile: config, atomically: true, encoding: .utf8)
            let facts = try #require(try effective([name], config: config))
            #expect(facts["user"] == [login])
            let words = try? String(contentsOfFile: folder + "/words", encoding: .utf8)
            let isAsked = login == "deploy" && name != "db1"
            #expect(words == (isAsked ? "\(folder)|web1.example.com|deploy|" : nil))
            #expect((facts["certificatefile"] != nil) == (isAsked && status == 0))
            #expect((facts["identitiesonly"] == ["yes"]) == (isAsked && status == 0))
            #expect((facts["hostkeyalias"] == ["web1.example.com"]) == (name != "db1"))
        }
    }

    @Test(arguments: ["relative", "/o'brien/reeve-fetch", "/a%b", "/a\"b", "/a\\b", "/a$b", "/a\nb"])
    func `runs no program whose path a shell or ssh would read otherwise`(_ path: String) throws {
        #expect(throws: SSHConfigError.badPath(path)) { try SSHFetchCommand(path, state: nil) }
        #expect(throws: SSHConfigError.badPath(path)) { try SSHFetchCommand("/p", state: path) }
    }

    @Test func `pins the key of the front door, by its name and port`() throws {
        let folder = FileManager.default.temporaryDirectory.path + "/reeve-door-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let key = try PrivateKey.generate(.ed25519).publicKey.text()
        let door = try KnownDoor(DoorInfo(host: "ca.example.com", port: 2222, hostKey: key))
        let hosts = [try Self.host("web1.example.com")]
        let config = folder + "/ssh_config"
        let text = try SSHConfigText(folder: folder)
        try text.block(for: hosts, door: door).write(toFile: config, atomically: true, encoding: .utf8)
        let facts = try #require(try effective(["ann@ca.example.com"], config: config))
        #expect(facts["port"] == ["2222"])
        #expect(facts["userknownhostsfile"] == ["\(folder)/known_hosts"])
        #expect(facts["stricthostkeychecking"] == ["true"])
        let known = try KnownHostsText(hosts: hosts, hostCAKeys: [], door: door).text
        #expect(known.split(separator: "\n").last == "[ca.example.com]:2222 \(key)")
        let same = try KnownDoor(DoorInfo(host: "web1.example.com", port: 22, hostKey: key))
        #expect(text.block(for: hosts, door: same) == text.block(for: hosts))
        for host in ["*", "ca example", "-oProxyCommand=x", "ca.example.com,x", "10.0.0.0/8"] {
            #expect(throws: KnownHostError.badName(host)) {
                try KnownDoor(DoorInfo(host: host, port: 22, hostKey: key))
            }
        }
    }

    @Test func `says nothing about other hosts`() throws {
        let block = try SSHConfigText(folder: "/s").block(for: [try Self.host("web1.example.com")])
        #expect(block.split(separator: "\n").filter { $0.hasPrefix("Host ") } == ["Host web1.example.com"])
    }

    @Test(arguments: ["relative", "/a\"b", "/a%b", "/a\nb", "/a$b", "/a\\b"])
    func `is not written for a folder that ssh_config cannot name`(_ folder: String) {
        #expect(throws: SSHConfigError.badPath(folder)) { try SSHConfigText(folder: folder) }
    }

    @Test(arguments: [
        "*", "web1 *", "web1\nProxyCommand x", "Web1", "!web1", "web1,x", "%u", "$(x)", "web\u{301}1",
        "\u{212a}1", "",
        "web1\r\n",
    ])
    func `takes no name from the server that is not a host name`(_ name: String) {
        #expect(throws: KnownHostError.badName(name)) { try Self.host(name) }
        #expect(throws: KnownHostError.badName(name)) { try Self.host("web1", aliases: [name]) }
        #expect(throws: KnownHostError.badName(name)) { try Self.host("web1", addresses: [name]) }
    }

    @Test(arguments: ["10.0.0.0/8", "10.0.0", "example.com", "::/0"])
    func `takes no address that is not numeric`(_ address: String) {
        #expect(throws: KnownHostError.badName(address)) { try Self.host("web1", addresses: [address]) }
    }

    @Test func `comes with known_hosts lines for enrolled names and no others`() throws {
        let key = try PrivateKey.generate(.ed25519).publicKey
        let host = try Self.host("web1.example.com", aliases: ["web1"], addresses: ["10.0.0.5"])
        let text = try KnownHostsText(hosts: [host], hostCAKeys: [key.text()]).text
        let lines = text.split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines.last == "@cert-authority web1.example.com,web1,10.0.0.5 \(key.text())")
    }
}
