/// How a registered key came to be.
enum KeyOrigin {
    /// An existing ssh host key that its host proved.
    static let hostKey = "host-key"
    /// The key that a device or a host's agent made for itself when it enrolled.
    static let enrolment = "enrolment"
    /// An ssh key that its person registered as a factor.
    static let factor = "factor"
    /// Asked for through the front door, which may have made it.
    static let door = "door"
}
