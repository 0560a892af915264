import Posix

/// The user that the program works as: never root.
enum Account {
    /// The server holds no root rights: as root it becomes somebody else and starts anew, or does not start.
    ///
    /// - Parameter folder: Made where it is missing, and then given to that user.
    static func become(_ user: String?, owning folder: String) throws {
        guard ProcessHardening.isRoot else { return }
        guard let user else {
            throw StartFault(
                "started as root",
                advice: "Start it as another user, or say which one to become with --user NAME.")
        }
        let account = try PosixUser(named: user)
        try make(folder, for: account)
        try ProcessHardening.become(account)
        // libpq would look there for certificates, and give up where it may not.
        CurrentProcess.leaveHome()
        try CurrentProcess.restart(CommandLine.arguments)
    }

    /// A folder that is there already must be theirs: no mistyped path changes hands.
    private static func make(_ folder: String, for account: PosixUser) throws {
        guard let held = try? DurableFile("\(folder)/.").access() else {
            try Folder(folder).make(mode: 0o700)
            return try Folder(folder).give(to: account)
        }
        guard held.uid == account.uid else {
            throw StartFault(
                "\(folder) is there and belongs to another user",
                advice: "Name a folder that is not there yet, or give this one to the user of --user.")
        }
    }
}
