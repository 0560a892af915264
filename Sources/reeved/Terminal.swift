import Foundation

enum Terminal {
    /// Whether somebody is looking: only then a secret may be shown, and only to them.
    static var isStandardError: Bool { isatty(STDERR_FILENO) == 1 }
}
