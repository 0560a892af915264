import CLibssh

/// One SSH connection, server side, by libssh. Blocking; belongs to one task of its own process, where a crash or an endless
/// wait in libssh harms nobody: the doorman ends the process when its time is over.
@safe final class SSHSession {
    /// What is offered; old algorithms are not, and neither is compression.
    private enum Offer {
        static let keyExchange =
            "curve25519-sha256,curve25519-sha256@libssh.org,diffie-hellman-group16-sha512,"
            + "diffie-hellman-group18-sha512"
        static let ciphers =
            "chacha20-poly1305@openssh.com,aes256-gcm@openssh.com,aes128-gcm@openssh.com,aes256-ctr,aes192-ctr,aes128-ctr"
        static let macs =
            "hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,hmac-sha2-256,hmac-sha2-512"
        static let banner = "Keyreeve"
    }

    let raw: OpaquePointer
    private let bind: OpaquePointer

    /// Takes over the connection.
    ///
    /// - Parameter hostKey: In the text of OpenSSH.
    init(connection: Int32, hostKey: String) throws(SSHFault) {
        guard let bind = unsafe ssh_bind_new() else { throw .memory }
        guard let session = unsafe ssh_new() else { throw .memory }
        unsafe self.bind = bind
        unsafe raw = session
        var key: OpaquePointer?
        guard unsafe ssh_pki_import_privkey_base64(hostKey, nil, nil, nil, &key) == SSH_OK,
            let key = unsafe key
        else { throw .hostKey }
        guard unsafe libssh_ignore_files(bind) == SSH_OK,
            unsafe ssh_bind_options_set(bind, SSH_BIND_OPTIONS_IMPORT_KEY, UnsafeRawPointer(key)) == SSH_OK
        else { throw .options }
        let options = [
            (SSH_BIND_OPTIONS_KEY_EXCHANGE, Offer.keyExchange),
            (SSH_BIND_OPTIONS_CIPHERS_C_S, Offer.ciphers), (SSH_BIND_OPTIONS_CIPHERS_S_C, Offer.ciphers),
            (SSH_BIND_OPTIONS_HMAC_C_S, Offer.macs), (SSH_BIND_OPTIONS_HMAC_S_C, Offer.macs),
            (SSH_BIND_OPTIONS_BANNER, Offer.banner),
        ]
        for (option, text) in options {
            guard unsafe text.withCString({ unsafe ssh_bind_options_set(bind, option, $0) }) == SSH_OK else {
                throw .options
            }
        }
        for option in [SSH_OPTIONS_COMPRESSION_C_S, SSH_OPTIONS_COMPRESSION_S_C] {
            guard unsafe "none".withCString({ unsafe ssh_options_set(session, option, $0) }) == SSH_OK else {
                throw .options
            }
        }
        guard unsafe ssh_bind_accept_fd(bind, session, connection) == SSH_OK else { throw .connection }
    }

    deinit {
        unsafe ssh_free(raw)
        unsafe ssh_bind_free(bind)
    }

    /// - Throws: ``SSHFault/handshake`` for whatever ends it.
    func exchangeKeys() throws(SSHFault) {
        unsafe ssh_set_auth_methods(raw, Int32(SSH_AUTH_METHOD_INTERACTIVE))
        guard unsafe ssh_handle_key_exchange(raw) == SSH_OK else { throw .handshake }
    }

    /// The next message of the client; nil when the connection is over.
    func next() -> SSHMessage? {
        guard let message = unsafe ssh_message_get(raw) else { return nil }
        return unsafe SSHMessage(message)
    }

    var isConnected: Bool { unsafe ssh_is_connected(raw) == 1 }

    /// Reads what the client still sends until it goes, at most that many seconds and messages; then ends the connection.
    func part(seconds: Int) {
        _ = unsafe libssh_timeout(raw, seconds)
        for _ in 0..<32 {
            guard isConnected, let message = next() else { break }
            message.refuse()
        }
        unsafe ssh_disconnect(raw)
    }
}

/// Why there is no SSH connection.
enum SSHFault: Error, Hashable, Sendable {
    case memory, hostKey, options, connection
    /// No common keys: broken SSH, nothing in common, or gone.
    case handshake
    /// The client went away, or has done what nobody may.
    case over
    /// The client does not offer its agent, or does not let it be reached.
    case noAgent
}
