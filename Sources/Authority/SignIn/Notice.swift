package import Names
package import SSHFormats

/// Something about their account that a person should know. Of each kind the last one is kept.
package struct Notice: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        /// Somebody guessed until a factor was locked.
        case attemptsLocked = "attempts-locked"
        case recoveryCodeUsed = "recovery-code-used"
        case authenticatorReplaced = "authenticator-replaced"
        /// A device of theirs was suspended, retired or called lost by somebody else.
        case deviceEnded = "device-ended"
        /// An ssh key was registered as a factor.
        case keyAdded = "key-added"
        /// A sign-in that waited for another device was denied there.
        case signInDenied = "sign-in-denied"
        /// Somebody who showed no factor asked to be let in as this person.
        case recoveryAsked = "recovery-asked"
        /// It was denied, or the number was another.
        case recoveryDenied = "recovery-denied"
        case recovered = "recovered"
        case passwordChanged = "password-changed"
        case requestApproved = "request-approved"
        case requestDenied = "request-denied"
        case knownPassword = "known-password"
        case passkeyAdded = "passkey-added"
        case passkeyRemoved = "passkey-removed"
        /// A passkey showed a count that it had shown before.
        case signCountFell = "sign-count-fell"
    }

    package let kind: Kind
    package let at: UnixTime
    /// Numeric address that it came from.
    package let source: String

    package init(_ kind: Kind, at: UnixTime, source: String) {
        self.kind = kind
        self.at = at
        self.source = source
    }

    /// For how long it is shown, in seconds: 7 d.
    package static let lasting: UInt64 = 604_800

    /// One sentence for the person.
    package var sentence: String {
        switch kind {
        case .attemptsLocked: "Somebody guessed at your password or code until it was locked."
        case .recoveryCodeUsed: "One of your recovery codes was used to come back."
        case .authenticatorReplaced: "Your authenticator app was replaced."
        case .deviceEnded: "A device of yours was suspended or ended by somebody else."
        case .signInDenied: "A sign-in in your name was denied on a device of yours."
        case .keyAdded: "An ssh key was registered that can sign you in."
        case .recoveryAsked:
            "Somebody without your factors asks to be let in as you; deny it if it is not you."
        case .recoveryDenied: "A recovery of your account was denied."
        case .recovered: "Your account was recovered, with new factors and a new device."
        case .passwordChanged: "Your password was changed."
        case .requestApproved: "Somebody approved a request of yours: see `reeve requests`."
        case .knownPassword: "Your password is on a list of well-known ones."
        case .passkeyAdded: "A passkey was registered that can sign you in."
        case .passkeyRemoved: "A passkey of yours was removed."
        case .signCountFell:
            "A passkey of yours may have been copied: its count fell. Remove it: `reeve factor webauthn remove`."
        case .requestDenied: "Somebody denied a request of yours: see `reeve requests --ended`."
        }
    }
}

/// What the authority has to tell a person about their account.
package struct Notices: Sendable {
    let inventory: any Inventory
    let world: World

    /// Those of the last 7 days, the newest first.
    package func about(_ id: IdentityID) async throws(AuthorityError) -> [Notice] {
        let now = world.now()
        let found: [Notice]
        do { found = try await inventory.notices(of: id) } catch { throw .store(error) }
        return found.filter { now < $0.at.advanced(by: Int64(Notice.lasting)) }.sorted { $0.at > $1.at }
    }
}
