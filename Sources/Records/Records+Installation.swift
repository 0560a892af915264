package import Authority

extension Records {
    /// Keeps a number under a name the first time; later says whether it is the same. So a server finds out that it
    /// has keys of another installation before it uses them.
    package func agrees(on name: String, _ value: UInt64) async throws(StoreError) -> Bool {
        try await commits.perform { group throws(StoreError) in
            try group.session.send(
                "INSERT INTO counter (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING",
                [.text("installation.\(name)"), .bits(value)])
            let kept = try group.session.row(
                "SELECT value FROM counter WHERE name = ?", [.text("installation.\(name)")])
            return try kept?.bits(0) == value
        }
    }
}
