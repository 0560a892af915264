import Foundation
import SSHFormats

/// The files that `Tests/Vectors/ssh/generate.sh` made.
enum Vector {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Vectors/ssh")

    /// The certificates that we read, by name.
    static let certificates = [
        "user", "ecdsa-by-rsa", "rsa-by-ecdsa", "rsa256", "for-sk-ed25519", "for-sk-ecdsa", "by-sk-ed25519",
        "by-sk-ecdsa", "ecdsa384-by-521", "ecdsa521-by-384", "host", "forever", "nobody", "demands",
        "unknown", "principals-256",
    ]
    static let lists = ["list", "range", "bitmap", "ids", "keys", "hashes", "empty"]

    static func text(_ name: String) throws -> String {
        try String(contentsOf: folder.appending(path: name), encoding: .utf8)
    }

    static func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: folder.appending(path: name)))
    }

    static func certificate(_ name: String) throws -> Certificate {
        try Certificate(text: try text("\(name)-cert.pub"))
    }

    static func key(_ name: String) throws -> PublicKey { try PublicKey(text: try text("\(name).pub")) }

    static func privateKey(_ name: String) throws -> PrivateKey { try PrivateKey(openSSH: try text(name)) }
}
