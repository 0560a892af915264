import Names
import SSHFormats

/// What a person answers who sets everything anew.
struct RecoveryAnswers {
    let device: IdentityID
    /// The device of that name, which gets the new key.
    let present: Identity?
    var lostDevices: Set<IdentityID> = []
    var keptDevices: Set<IdentityID> = []
    var lostKeys: Set<Fingerprint> = []
    var keptKeys: Set<Fingerprint> = []
    /// Nil where it stays.
    let password: [UInt8]?
    let code: String

    init(
        _ answers: [String: String], of person: Identity,
        _ held: (devices: [Identity], keys: [Fingerprint]), _ known: FreshStart.Known
    ) throws(AuthorityError) {
        let names = ["device", "keep", "lost"] + (known == .anew ? ["new-password"] : []) + ["new-totp"]
        guard answers.keys.sorted() == names, let name = answers["device"], let code = answers["new-totp"]
        else { throw .refused(.badRequest, "answers: \(names.joined(separator: ", "))") }
        password = answers["new-password"].map { Array($0.utf8) }
        self.code = code
        do throws(NameError) {
            device = IdentityID(.device, try Name("\(person.id.name).\(try Name(name))"))
        } catch {
            throw .refused(.badName, "device: \(error)")
        }
        let own = device
        present = held.devices.first { $0.id == own }
        guard present.map({ $0.status == .active }) ?? true else {
            throw .refused(.alreadyExists, "device: you have one called \(name), which is suspended")
        }
        for text in Self.list(answers["lost"]) {
            if let found = held.keys.first(where: { $0.description == text }) {
                lostKeys.insert(found)
                continue
            }
            lostDevices.insert(try Self.device(text, held.devices, "lost"))
        }
        for text in Self.list(answers["keep"]) {
            if let found = held.keys.first(where: { $0.description == text }) {
                keptKeys.insert(found)
                continue
            }
            keptDevices.insert(try Self.device(text, held.devices, "keep"))
        }
        guard lostDevices.isDisjoint(with: keptDevices), lostKeys.isDisjoint(with: keptKeys) else {
            throw .refused(.badRequest, "keep: a device that is lost is not kept")
        }
        guard !lostDevices.union(keptDevices).contains(own) else {
            throw .refused(.badRequest, "device: \(name) gets the new key, so it is neither lost nor kept")
        }
    }

    private static func list(_ text: String?) -> [String] {
        (text ?? "").split { $0 == "," || $0 == " " }.map(String.init)
    }

    private static func device(
        _ text: String, _ devices: [Identity], _ field: String
    ) throws(AuthorityError) -> IdentityID {
        guard let found = devices.first(where: { $0.id.name.text == text || $0.id.description == text })
        else {
            throw .refused(
                .badRequest,
                "\(field): you have \(devices.isEmpty ? "no device" : devices.map(\.id.name.text).joined(separator: ", "))"
            )
        }
        return found.id
    }
}
