import SSHFormats

/// What `ssh-keygen -Q -l` says of a revocation list, without the order.
struct Listed: Equatable {
    /// By the fingerprint of the authority.
    var runs: [String: [ClosedRange<UInt64>]] = [:]
    var keyIDs: [String: Set<String>] = [:]
    /// SHA-256 fingerprints of keys named outright.
    var keys: Set<String> = []
    /// Hashes, in hexadecimal.
    var hashes: Set<String> = []

    init() {}

    init(_ text: String) throws {
        var authority = ""
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 1).map(String.init)
            guard let last = words.last else { continue }
            switch words.first {
            case "serial:":
                let ends = last.split(separator: "-").compactMap { UInt64($0) }
                guard let first = ends.first, let end = ends.last else { throw KRLError.emptyRange }
                runs[authority, default: []].append(first...end)
            case "id:": keyIDs[authority, default: []].insert(last)
            case "hash:" where last.contains(" # "): keys.insert(String(last.prefix { $0 != " " }))
            case "hash:": hashes.insert(String(last.dropFirst("SHA256:".count)))
            case "#" where last.hasPrefix("CA key "):
                authority = String(last.split(separator: " ").last ?? "")
            case "#" where last.hasPrefix("hash SHA1:"):
                hashes.insert(String(last.dropFirst("hash SHA1:".count)))
            default: continue
            }
        }
        runs = runs.mapValues { SerialSet($0).runs }
    }
}

extension KRL {
    /// The list in the words of `ssh-keygen -Q -l`.
    var listing: Listed {
        get throws {
            var listed = Listed()
            for (authority, revoked) in certificates {
                let name = try PublicKey(blob: authority).fingerprint.description
                if !revoked.serials.isEmpty { listed.runs[name] = revoked.serials.runs }
                let keyIDs = revoked.keyIDs.map { String(decoding: $0, as: UTF8.self) }
                if !keyIDs.isEmpty { listed.keyIDs[name] = Set(keyIDs) }
            }
            listed.keys = Set(keys.map { Fingerprint(of: $0).description })
            listed.hashes = Set(sha1Hashes.map(Self.digits) + fingerprints.map { Self.digits($0.bytes) })
            return listed
        }
    }

    private static func digits(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
