import Posix

/// Lines to the operator. Never a secret, except to a terminal that is one.
enum Console {
    static func complain(_ error: any Error) { StandardError.write("reeved: \(error)\n") }
    static func usage(_ text: String) { StandardError.write("\(text)\n") }
    static func say(_ line: String) { StandardError.write("reeved: \(line)\n") }
}
