import SSHFormats

@testable import HostAgent

/// What reeve-agent reads of what is said on a host.
let hostFuzzers: [Fuzzer] = [
    // The questions of pam_reeve.so, without their lengths.
    Fuzzer("moduleRequest", longest: 16_384) { input in
        guard let request = try? ModuleRequest(input) else { return }
        promise((try? ModuleRequest(input.dropLast())) == nil, "cut short, it is not a question")
        promise((try? ModuleRequest(input + [0])) == nil, "nor with something behind it")
        promise(request.origin.ancestors.count <= 64, "a line of ancestors ends")
        promise(try ModuleRequest(written(request)) == request, "what is written is read again")
        guard case .opened(let opening) = request else { return }
        _ = try? AuthInfo(opening.authInfo)
    },
    // SSH_AUTH_INFO_0, as sshd puts it into PAM's surroundings.
    Fuzzer("authInfo", longest: 8_192) { input in
        let text = String(decoding: input, as: UTF8.self)
        guard let info = try? AuthInfo(text), let certificate = info.certificate else { return }
        promise(try certificate.verifySignature() == (), "who is believed, somebody has signed for")
        promise(
            try AuthInfo("password\npublickey \(certificate.text())\n") == info,
            "whatever else has been shown")
    },
]

extension ModuleRequest {
    fileprivate var origin: ProcessOrigin {
        switch self {
        case .opened(let opening): opening.origin
        case .closed(_, let origin), .mayAct(_, _, _, let origin): origin
        }
    }
}

/// As pam_reeve.so writes it, where the kernel says no more than was understood.
private func written(_ request: ModuleRequest) -> [UInt8] {
    var writer = WireWriter()
    switch request {
    case .opened(let opening):
        writer.byte(1)
        writer.string(opening.service)
        writer.string(opening.login)
        write(opening.origin, to: &writer)
        writer.string(opening.authInfo)
        writer.string(opening.connection)
    case .closed(let login, let origin):
        writer.byte(2)
        writer.string("sshd")
        writer.string(login)
        write(origin, to: &writer)
    case .mayAct(let phase, let service, let login, let origin):
        writer.byte(3)
        writer.byte(phase.rawValue)
        writer.string(service)
        writer.string(login)
        write(origin, to: &writer)
    }
    return writer.bytes
}

private func write(_ origin: ProcessOrigin, to writer: inout WireWriter) {
    for session in [origin.audit, origin.parentAudit] { writer.string(session.map { "\($0)\n" } ?? "") }
    for scope in [origin.scope, origin.parentScope] { writer.string(scope.map { "0::/\($0)/more\n" } ?? "") }
    writer.string { list in
        for process in origin.ancestors {
            list.uint32(process.pid)
            list.uint64(process.started)
        }
    }
}
