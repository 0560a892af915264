/// How PAM is asked, where a way to sign in names it.
struct PAMConfiguration: Sendable {
    /// Unix socket of a reeve-pam that somebody else runs; nil starts one.
    var socket: String?
    var service = "reeve"
    /// Folder of stacks in place of /etc/pam.d.
    var stacks: String?
    var standIn = "reeve-nobody"
    var workers = 16
    /// Seconds.
    var seconds: UInt64 = 120
    /// Seconds; refusals come at whole multiples of it.
    var refusalStep: UInt64 = 2
}

extension Setting {
    static let pam: [Setting] = [
        .text(
            "pam", "socket",
            "Unix socket of a reeve-pam that runs as root, as most stacks need. Without it reeved starts one as its own user.",
            example: "/run/reeve-pam/pam.sock"
        ) { $1.pam.socket = $0 },
        .text(
            "pam", "service", "The stack of a reeve-pam that reeved starts: a file in /etc/pam.d.",
            standard: "reeve"
        ) { text, configuration throws(SettingFault) in
            configuration.pam.service = try word(text)
        },
        .text(
            "pam", "stacks", "Where that file is instead.", example: "/etc/keyreeve/pam.d"
        ) { $1.pam.stacks = $0 },
        .text(
            "pam", "stand_in",
            "User that it is asked as where nobody may sign in; known to modules that ask only whom they know.",
            standard: "reeve-nobody"
        ) { text, configuration throws(SettingFault) in
            guard text != "root" else { throw SettingFault("a user, and not root") }
            configuration.pam.standIn = try word(text)
        },
        .number(
            "pam", "workers", "Its conversations at a time; each is a process.", in: 1...256, standard: 16
        ) { $1.pam.workers = $0 },
        .number(
            "pam", "seconds", "Seconds for one conversation, the person's typing included.", in: 5...300,
            standard: 120
        ) { $1.pam.seconds = UInt64($0) },
        .number(
            "pam", "refusal_step",
            "Refusals come at whole multiples of so many seconds: their time does not tell what a module did.",
            in: 1...10, standard: 2
        ) { $1.pam.refusalStep = UInt64($0) },
    ]

    /// The name of a file or a user.
    private static func word(_ text: String) throws(SettingFault) -> String {
        let marks = Set("._-".utf8)
        guard let first = text.utf8.first, !marks.subtracting("_".utf8).contains(first),
            text.utf8.count <= 64,
            text.utf8.allSatisfy({ byte in
                marks.contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
            })
        else { throw SettingFault("a name of letters, digits, dots, hyphens and underscores") }
        return text
    }
}
