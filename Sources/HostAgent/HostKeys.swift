package import AuthorityAPI
import Posix
package import SSHFormats

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// An ssh host key that exists on this host. It is read and used; never replaced, made, copied or sent.
package struct HostKey: Sendable {
    package let file: String
    private let key: PrivateKey
    package var publicKey: PublicKey { key.publicKey }

    package init(file: String, key: PrivateKey) {
        self.file = file
        self.key = key
    }

    /// Proves possession: a signature over the enrolment's context and challenge.
    ///
    /// - Throws: ``Fault`` `host-key`.
    package func proof(of challenge: [UInt8]) throws(Fault) -> EnrolHostRequest.HostKey {
        let signed = Array(EnrolHostRequest.context.utf8) + challenge
        do {
            let signature = Data(try key.sign(signed).blob).base64EncodedString()
            return EnrolHostRequest.HostKey(publicKey: publicKey.text(), signature: signature)
        } catch {
            throw Fault("host-key", "\(file) cannot sign: the signature \(error)")
        }
    }
}

/// The host keys that sshd uses, as far as they can be certified.
package struct HostKeys: Sendable {
    package let usable: [HostKey]
    /// One per key that is left out, with the reason.
    package let notes: [Fault]

    package init(usable: [HostKey], notes: [Fault]) {
        self.usable = usable
        self.notes = notes
    }

    /// Reads the HostKey lines of `sshd -T`. Ed25519, ECDSA on P-256 and RSA from 3,072 bits can be certified.
    ///
    /// - Throws: ``Fault`` `sshd-test`, `sshd-run`. A key that is of no use is a note, not an error.
    package static func find(_ sshd: SSHD) throws(Fault) -> HostKeys {
        var usable: [HostKey] = []
        var notes: [Fault] = []
        for file in try sshd.effective().values("hostkey") {
            do throws(Fault) {
                let key = try load(file)
                let name = AgentFolder("").certificate(ofKeyFile: file)
                guard !usable.contains(where: { AgentFolder("").certificate(ofKeyFile: $0.file) == name })
                else {
                    throw Fault("host-key", "\(file) is left out: another host key has the same file name")
                }
                usable.append(key)
            } catch {
                notes.append(error)
            }
        }
        return HostKeys(usable: usable, notes: notes)
    }

    private static func load(_ file: String) throws(Fault) -> HostKey {
        guard file.utf8.allSatisfy(SafePath.isPlain) else {
            throw Fault(
                "host-key", "a host key is left out: its path has other bytes than letters, digits and /._+-")
        }
        do {
            let bytes = try DurableFile(file).read(limit: 65_536, symbolicLinks: .follow)
            let key = try PrivateKey(openSSH: String(decoding: bytes, as: UTF8.self))
            try key.publicKey.checkStrength()
            return HostKey(file: file, key: key)
        } catch let error as KeyError {
            throw Fault("host-key", "\(file) is left out: it \(error)")
        } catch {
            throw Fault("host-key", "\(file) is left out: \(error)")
        }
    }
}
