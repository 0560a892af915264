/// Why a body is not the message it should be. Names fields, never values: those may be secret.
public enum APICodingError: Error, Hashable, Sendable {
    /// Not strict JSON.
    case json(StrictJSONError)
    /// A field that the message does not have, e.g. `hostKeys[1].comment`.
    case unknownField(String)
    case missingField(String)
    /// There, but of another type or out of range.
    case badField(String)
}

extension APICodingError: CustomStringConvertible {
    /// A sentence part for the detail of a problem.
    public var description: String {
        switch self {
        case .json(let error): "not strict JSON: \(error)"
        case .unknownField(let path): "unknown field: \(path)"
        case .missingField(let path): "missing field: \(path)"
        case .badField(let path): "field of another type or out of range: \(path.isEmpty ? "(body)" : path)"
        }
    }
}
