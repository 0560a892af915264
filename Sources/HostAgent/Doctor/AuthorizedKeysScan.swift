package import Posix
package import SSHFormats

/// A file of keys as sshd would read it for an account.
package struct AuthorizedKeysScan: Hashable, Sendable {
    package struct Entry: Hashable, Sendable {
        /// From 1.
        package let line: Int
        package let key: PublicKey
        /// As they stand there.
        package let options: [String]
        package let comment: String
        package let isAuthority: Bool
        package let expiryTime: UnixTime?

        package func hasExpired(at now: UnixTime) -> Bool { expiryTime.map { $0 <= now } ?? false }
    }

    /// Longest file that is looked at, in bytes.
    private static let limit = 4_194_304

    package let path: String
    package let account: String
    /// The lines that sshd would take; it passes over all others.
    package let entries: [Entry]
    /// Why sshd reads none of it; nil where it does.
    package let fault: String?

    /// nil where there is no such file, or nothing in it that lets in.
    package init?(_ path: String, of account: PosixAccount, isStrict: Bool) {
        self.path = path
        self.account = account.name
        let bytes: [UInt8]
        do {
            guard let read = try DurableFile(path).readIfPresent(limit: Self.limit, symbolicLinks: .follow)
            else { return nil }
            bytes = read
        } catch {
            guard !error.isAbsent else { return nil }
            entries = []
            fault = "\(error)"
            return
        }
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        entries = lines.enumerated().compactMap { index, line in
            Self.entry(String(decoding: line, as: UTF8.self), at: index + 1)
        }
        guard !entries.isEmpty else { return nil }
        fault = isStrict ? Self.looseness(of: path, account) : nil
    }

    /// sshd refuses a line whose options it does not know.
    private static func entry(_ text: String, at number: Int) -> Entry? {
        guard let line = try? AuthorizedKeysLine.parse(text),
            let options = try? AuthorizedKeysOptions(text: line.options.joined(separator: ","))
        else { return nil }
        return Entry(
            line: number, key: line.key, options: line.options, comment: line.comment,
            isAuthority: options.isCertAuthority, expiryTime: options.expiryTime)
    }

    /// The files that AuthorizedKeysFile names for the account, with `%h`, `%u`, `%U` and `%%` filled in; those that are not
    /// absolute are in its home.
    static func paths(of account: PosixAccount, by configuration: EffectiveConfiguration) -> [String] {
        let patterns = configuration.values("authorizedkeysfile").flatMap { $0.split(separator: " ") }
        return patterns.filter { $0 != "none" }.map { pattern in
            var path: [UInt8] = []
            var isMark = false
            for byte in pattern.utf8 {
                if isMark {
                    path += expansion(of: byte, account)
                    isMark = false
                } else if byte == UInt8(ascii: "%") {
                    isMark = true
                } else {
                    path.append(byte)
                }
            }
            let text = String(decoding: path, as: UTF8.self)
            return text.hasPrefix("/") ? text : "\(account.home)/\(text)"
        }
    }

    private static func expansion(of byte: UInt8, _ account: PosixAccount) -> [UInt8] {
        switch byte {
        case UInt8(ascii: "h"): Array(account.home.utf8)
        case UInt8(ascii: "u"): Array(account.name.utf8)
        case UInt8(ascii: "U"): Array(String(account.uid).utf8)
        case UInt8(ascii: "%"): [byte]
        default: [UInt8(ascii: "%"), byte]
        }
    }

    /// What StrictModes objects to (auth_secure_path of sshd): the file, and the folders above it up to the home, must belong
    /// to root or the account, and neither group nor others may write to them.
    private static func looseness(of path: String, _ account: PosixAccount) -> String? {
        guard let real = SafePath.resolved(path) else { return "it cannot be found" }
        let home = SafePath.resolved(account.home)
        for part in SafePath.parts(of: real).reversed() {
            guard let access = try? DurableFile(part).access() else { return "\(part) cannot be looked at" }
            guard access.uid == 0 || access.uid == account.uid else {
                return "\(part) belongs to user \(access.uid)"
            }
            guard access.permissions & 0o022 == 0 else { return "others may write to \(part)" }
            if part == home { return nil }
        }
        return nil
    }
}
