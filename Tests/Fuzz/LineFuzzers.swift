import SSHFormats

/// Files of lines: who may log in, sign, or answer.
let lineFuzzers: [Fuzzer] = [
    Fuzzer("authorizedKeys", longest: 2048) { input in
        let text = String(decoding: input, as: UTF8.self)
        guard let line = try? AuthorizedKeysLine.parse(text) else { return }
        promise(try AuthorizedKeysLine.parse(line.text)?.key == line.key, "the key is read again")
        guard let settings = try? line.settings() else { return }
        _ = settings.permits(host: "host.example.com", address: "192.0.2.1")
        guard let written = try? AuthorizedKeysLine(settings: settings, key: line.key) else { return }
        promise(try AuthorizedKeysLine.parse(written.text)?.settings() == settings, "options are read again")
    },
    Fuzzer("authorizedKeysOptions", longest: 512) { input in
        let text = String(decoding: input, as: UTF8.self)
        guard let options = try? AuthorizedKeysOptions(text: text) else { return }
        _ = options.permits(host: "host.example.com", address: "2001:db8::1")
        guard let again = try? AuthorizedKeysOptions(text: options.description) else { return }
        promise(
            again.permitsPTY == options.permitsPTY && again.isRestricted == options.isRestricted,
            "same rights")
    },
    Fuzzer("knownHosts", longest: 2048) { input in
        let text = String(decoding: input, as: UTF8.self)
        guard let line = try? KnownHostsLine.parse(text) else { return }
        promise(try KnownHostsLine.parse(line.text)?.key == line.key, "the key is read again")
        promise(try KnownHostsLine.parse(line.text)?.marker == line.marker, "so is the marker")
        _ = line.matches("web1.example.com")
    },
    Fuzzer("allowedSigners") { input in
        guard let file = try? AllowedSigners(text: String(decoding: input, as: UTF8.self)) else { return }
        for line in file.lines {
            _ = (line.speaks(for: "alice@example.com"), line.permits(namespace: "file"))
            promise(try AllowedSignersLine.parse(line.text)?.key == line.key, "the key is read again")
        }
        _ = file.patterns(for: "alice@example.com")
    },
    Fuzzer("sourceAddress", longest: 256) { input in
        guard let text = String(validating: input, as: UTF8.self), let list = try? SourceAddresses(text: text)
        else { return }
        promise(list.description == text, "what is accepted is written again")
        _ = (list.allows("10.0.0.1"), list.allows("::1"))
    },
]
