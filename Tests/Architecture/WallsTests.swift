import Foundation
import Testing

@Suite struct `The walls of the house` {
    private static let own = Set(rooms.map(\.name)).union([
        "CPosix", "CArgon2", "CPQ", "CLibssh", "CPAM", "CFido2", "CVersion",
    ])

    @Test(arguments: rooms) func `are imported through only where there is a door`(_ room: Room) {
        let files = swiftFiles(in: "Sources/\(room.name)")
        #expect(!files.isEmpty, "no sources found for \(room.name)")
        for file in files {
            let forbidden = imports(of: file).intersection(Self.own).subtracting(room.mayImport)
            #expect(
                forbidden.isEmpty, "\(file) imports \(forbidden.sorted()): \(room.name) is \(room.reason)")
        }
    }

    @Test(arguments: rooms) func `keep foreign modules out`(_ room: Room) {
        for file in swiftFiles(in: "Sources/\(room.name)") {
            let foreign = imports(of: file).subtracting(Self.own).subtracting(room.outside)
            #expect(foreign.isEmpty, "\(file) imports \(foreign.sorted()): \(room.name) is \(room.reason)")
        }
    }

    @Test func `have no door that leads up or sideways`() {
        let floors = Dictionary(uniqueKeysWithValues: rooms.map { ($0.name, $0.floor) })
        for room in rooms {
            for neighbour in room.mayImport {
                guard let below = floors[neighbour] else { continue }
                let isDown = below < room.floor || (room.name == "HostDocuments" && neighbour == "SSHFormats")
                #expect(
                    isDown, "\(room.name) on floor \(room.floor) may not open to \(neighbour) on \(below)")
            }
        }
    }

    @Test func `reeve links nothing of the server`() {
        let server: Set = [
            "Authority", "Records", "SignIn", "Signers", "SignerVault", "SignerProtocol", "Gateway",
        ]
        for program in ["reeve", "reeve-agent"] {
            for file in swiftFiles(in: "Sources/\(program)") {
                #expect(imports(of: file).isDisjoint(with: server), "\(file)")
            }
        }
    }

    @Test func `clients avoid full Foundation`() {
        for folder in [
            "reeve", "reeve-agent", "HostAgent", "AuthorityClient", "SSHFormats", "Ledger", "Names", "Posix",
        ] {
            for file in swiftFiles(in: "Sources/\(folder)") {
                let text = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
                let lines = text.split(separator: "\n").map(String.init)
                for (number, line) in lines.enumerated() where line.hasSuffix("import Foundation") {
                    let before = number > 0 ? lines[number - 1] : ""
                    #expect(before.hasPrefix("#else"), "\(file):\(number + 1) imports full Foundation")
                }
            }
        }
    }
}
