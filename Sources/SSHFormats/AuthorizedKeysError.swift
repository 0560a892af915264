/// Why sshd would refuse the options of a line in authorized_keys, and with them the line.
public enum AuthorizedKeysError: Error, Hashable, Sendable {
    /// Not options with commas between them.
    case malformed(String)
    /// An option that is not known. Unknown means refused.
    case unknownOption(String)
    /// An option that stands there twice.
    case repeatedOption(String)
    /// An option with a value that does not belong to it.
    case badOption(String)
}

extension AuthorizedKeysError: CustomStringConvertible {
    /// What is wrong, as the second half of a sentence.
    public var description: String {
        switch self {
        case .malformed(let what): "is not well formed (\(what))"
        case .unknownOption(let name): "has an option that is not known: \(String(reflecting: name))"
        case .repeatedOption(let name): "has the option \(name) twice"
        case .badOption(let name): "has a bad value for the option \(name)"
        }
    }
}
