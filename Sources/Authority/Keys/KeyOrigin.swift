/// How a registered key came to be.
enum KeyOrigin {
    /// An existing ssh host key that its host proved.
    static let hostKey = "host-key"
    /// The key that a device or a host's agent made for itself when it enrolled.
    static let enrolment = "enrolment"
    /// An ssh key that its person registered as a factor.
    static let factor = "factor"
    /// The key of the device that a person came back with.
    static let recovery = "recovery"
    /// Asked for through the front door, which may have made it.
    static let door = "door"
}
