import Foundation

/// Processes that this one started and that are there.
func children(of pid: Int32) -> [Int32] {
    let text = (try? String(contentsOfFile: "/proc/\(pid)/task/\(pid)/children", encoding: .utf8)) ?? ""
    return text.split(separator: " ").compactMap { Int32($0) }
}

/// Whether it is there and not a corpse that waits to be reaped.
func isRunning(_ pid: Int32) -> Bool {
    guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else { return false }
    return text.split(separator: ")").last?.split(separator: " ").first != "Z"
}

/// Those, what they started, and so on.
func descendants(of pid: Int32) -> [Int32] {
    let all = children(of: pid)
    return all + all.flatMap(descendants)
}
