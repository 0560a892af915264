/// Where in a message, written `hostKeys[1].publicKey`.
enum FieldPath {
    case root
    indirect case field(FieldPath, String)
    indirect case element(FieldPath, Int)

    /// Keys come from the caller: they are cut after 64 characters.
    var text: String {
        switch self {
        case .root: ""
        case .field(.root, let key): String(key.prefix(64))
        case .field(let parent, let key): "\(parent.text).\(key.prefix(64))"
        case .element(let parent, let index): "\(parent.text)[\(index)]"
        }
    }
}
