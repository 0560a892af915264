import Authority
import Gateway
import Names
import Posix

/// The first admin's link: into a 0600 file, and onto the terminal where there is one.
struct FirstLink: Sendable {
    let authority: Authority
    let admin: Name
    let folder: DataFolder
    let links: LinkText

    /// Writes it at first start, and again at a later start while nobody has used it.
    func write() async throws {
        let file = DurableFile(folder.adminLink)
        let login = try? Login(admin.text)
        if let link = try await authority.firstStart(admin: admin, login: login?.isRoot == true ? nil : login)
        {
            return try publish(link, to: file)
        }
        guard try file.readIfPresent(limit: 4096) != nil else { return }
        guard let again = try await authority.firstLinkAgain() else { return try file.remove() }
        try publish(again, to: file)
    }

    private func publish(_ link: NewLink, to file: DurableFile) throws {
        let text = links.text(link.token)
        try file.write(Array("\(text)\n".utf8), mode: 0o600)
        Console.say("the first admin is \(link.identity.id): run `reeve enrol` within 15 minutes")
        Console.say("the link is in \(folder.adminLink)")
        if Terminal.isStandardError { Console.say("the link: \(text)") }
    }
}
