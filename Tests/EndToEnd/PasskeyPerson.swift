import Foundation

/// Somebody with a terminal and a browser (Tests/Clients/passkey-person): Chromium with its virtual authenticator.
struct PasskeyPerson {
    /// What came of one act; empty where it was not `reeve`.
    struct Reply: Decodable {
        struct Page: Decodable {
            let title: String
            let text: String
            /// Before anything was typed.
            let before: String?
            let url: String?
            /// What the browser's console says.
            let console: [String]?
        }

        let status: Int32?
        let output: String?
        let errors: String?
        let page: Page?

        /// For the issues of a test.
        var story: String {
            "\(status ?? -1) \(output ?? "") \(errors ?? "") \(page?.title ?? "no page"): \(page?.text ?? "")"
        }
    }

    let home: String
    /// What else the programs are given, as ssh its agent.
    var environment: [String: String] = [:]

    /// Does all acts in one browser; each has its reply.
    func act(_ acts: [String]) async throws -> [Reply] {
        let ending = try await Program.run(
            Canaille.python, ["\(Canaille.root)/Tests/Clients/passkey-person"],
            environment: ["REEVE": Program.path("reeve"), "REEVE_HOME": home, "SSH_AUTH_SOCK": ""]
                .merging(environment) { $1 },
            input: acts.joined(separator: "\n") + "\n")
        let replies = try ending.output.split(separator: "\n").map {
            try JSONDecoder().decode(Reply.self, from: Data($0.utf8))
        }
        guard replies.count == acts.count else { throw Failure("\(ending.output)\n\(ending.errors)") }
        return replies
    }
}
