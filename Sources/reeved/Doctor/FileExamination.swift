import Diagnosis
import Posix

/// Owners and modes of everything in the data folder.
struct FileExamination: Sendable {
    let folder: DataFolder

    /// What others may read: it is no secret.
    private static let open: Set<String> = ["tls-root.pem"]

    var findings: [Finding] {
        var found: [Finding] = []
        let count = look(at: folder.path, name: "", &found)
        guard found.isEmpty else { return found }
        return [.good("permissions", "\(count) files and folders are their user's alone")]
    }

    /// How many there are.
    private func look(at path: String, name: String, _ found: inout [Finding]) -> Int {
        do throws(PosixError) {
            let access = try DurableFile(name.isEmpty ? "\(path)/." : path).access()
            if access.uid != ProcessHardening.currentUID {
                found.append(
                    .failure(
                        "wrong-owner", "\(path) belongs to user \(access.uid)",
                        advice: "chown it to user \(ProcessHardening.currentUID)."))
            }
            let allowed: UInt32 = Self.open.contains(name) ? 0o644 : 0o700
            if !access.isSymbolicLink, access.permissions & ~allowed & 0o777 != 0 {
                let mode = String(access.permissions, radix: 8)
                found.append(
                    .failure(
                        "permissions", "\(path) has mode 0\(mode)",
                        advice: "chmod \(access.isFolder ? "700" : "600") \(path)"))
            }
            guard access.isFolder else { return 1 }
            var count = 1
            for inner in try Folder(path).names() {
                count += look(at: "\(path)/\(inner)", name: inner, &found)
            }
            return count
        } catch {
            // Files come and go beside a server at work.
            guard !error.isAbsent else { return 0 }
            found.append(.failure("permissions", "\(error)", advice: "Check its owner and mode."))
            return 1
        }
    }
}
