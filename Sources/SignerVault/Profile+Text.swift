import SSHFormats

/// Profiles as words `name=value`, for people and in the sealed file: one reader, one writer.
extension Profile: CustomStringConvertible {
    package var description: String {
        func list(_ names: Set<String>) -> String {
            names.isEmpty ? "-" : names.sorted().joined(separator: ",")
        }
        return [
            "validity=\(longestValidity)", "options=\(list(criticalOptions))",
            "extensions=\(list(extensions))",
            "form=\(form.rawValue)", "logins=\(logins.isEmpty ? "*" : list(logins))",
            "places=\(places.isEmpty ? "*" : list(places))", "principals=\(principalLimit)", "rate=\(rate)",
        ].joined(separator: " ")
    }

    /// Changes the fields that are named.
    ///
    /// - Parameter words: As ``description`` has them, such as `validity=3600`.
    /// - Throws: ``VaultError/profile(_:)`` for an unknown name or a value out of its range.
    package mutating func set(_ words: [String]) throws(VaultError) {
        for word in words {
            let parts = word.utf8.split(separator: UInt8(ascii: "="), maxSplits: 1).map {
                String(Substring($0))
            }
            guard let name = parts.first, let value = parts.last, parts.count == 2 else {
                throw .profile("`\(word)` is not of the form name=value")
            }
            try set(name, value)
        }
    }

    /// The profile that `words` describe, all of them given.
    init(words: String) throws(VaultError) {
        self.init(
            longestValidity: 0, criticalOptions: [], extensions: [], form: .none, logins: [], places: [],
            principalLimit: 1, rate: 1)
        try set(words.utf8.split(separator: UInt8(ascii: " ")).map { String(Substring($0)) })
    }

    private mutating func set(_ name: String, _ value: String) throws(VaultError) {
        switch name {
        case "validity": longestValidity = try Self.number(name, value, 0...10 * 366 * 86_400)
        case "options": criticalOptions = try Self.names(name, value, none: "-")
        case "extensions": extensions = try Self.names(name, value, none: "-")
        case "form":
            guard let form = Form(rawValue: value) else {
                throw .profile("form is one of \(Form.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            self.form = form
        case "logins": logins = try Self.names(name, value, none: "*")
        case "places": places = try Self.names(name, value, none: "*")
        case "principals": principalLimit = Int(try Self.number(name, value, 1...UInt64(Principals.limit)))
        case "rate": rate = UInt32(clamping: try Self.number(name, value, 1...1_000_000))
        default: throw .profile("there is no profile field `\(name)`")
        }
    }

    private static func number(
        _ name: String, _ value: String, _ range: ClosedRange<UInt64>
    ) throws(VaultError) -> UInt64 {
        guard let number = UInt64(value), range.contains(number) else {
            throw .profile("\(name) is a number in \(range.lowerBound)…\(range.upperBound)")
        }
        return number
    }

    private static func names(_ name: String, _ value: String, none: String) throws(VaultError) -> Set<String>
    {
        guard value != none else { return [] }
        let names = value.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        guard names.count <= 1_024,
            names.allSatisfy({ !$0.isEmpty && $0.allSatisfy { (0x21...0x7e).contains($0) } })
        else { throw .profile("\(name) is a list of names with commas between, or \(none)") }
        return Set(names.map { String(Substring($0)) })
    }
}
