/// The numbers of OpenSSH's PROTOCOL.krl.
enum KRLFormat {
    /// `SSHKRL\n\0`
    static let magic: UInt64 = 0x5353_484b_524c_0a00
    static let version: UInt32 = 1
    /// sshd refuses the whole list, and so every login, if a bitmap spans more bits.
    static let bitmapLimit: UInt64 = 16_384

    enum Section: UInt8 {
        case certificates = 1
        case explicitKey = 2
        case fingerprintSHA1 = 3
        case signature = 4
        case fingerprintSHA256 = 5
        /// Of OpenSSH 9.4 and later: a name, whether it must be understood, and contents.
        case `extension` = 255
    }

    enum CertificateSection: UInt8 {
        case serialList = 0x20
        case serialRange = 0x21
        case serialBitmap = 0x22
        case keyID = 0x23
        case `extension` = 0x39
    }
}
