import Diagnosis
import Posix

/// ssh's own files: what others may write to ssh refuses, and with it every login.
struct SSHFolderExamination {
    let files: SSHFiles

    var findings: [Finding] {
        let found = writable([files.folder, files.config]) + readable
        return found.isEmpty ? [.good("ssh-folder", "\(files.folder) is yours alone to write")] : found
    }

    private func writable(_ paths: [String]) -> [Finding] {
        paths.compactMap { path in
            guard let access = try? DurableFile(path).access(), !access.isSymbolicLink else { return nil }
            let word = PlainText.shellWord(path)
            let own = ProcessHardening.currentUID
            if access.uid != own, access.uid != 0 {
                return .failure(
                    "ssh-folder", "\(path) belongs to user \(access.uid)",
                    command: "sudo chown \(own) \(word)")
            }
            guard access.permissions & 0o022 != 0 else { return nil }
            return .failure(
                "ssh-folder", "others may write to \(path), and then ssh refuses it",
                command: "chmod go-w \(word)")
        }
    }

    /// Private keys of the usual names.
    private var readable: [Finding] {
        let names = ["id_rsa", "id_ecdsa", "id_ecdsa_sk", "id_ed25519", "id_ed25519_sk", "id_dsa"]
        return names.compactMap { name in
            let path = "\(files.folder)/\(name)"
            guard let access = try? DurableFile(path).access(), !access.isPrivate, !access.isSymbolicLink
            else {
                return nil
            }
            return .failure(
                "key-readable", "others may read the private key \(path), and then ssh does not use it",
                command: "chmod 600 \(PlainText.shellWord(path))")
        }
    }
}
