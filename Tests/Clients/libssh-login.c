// Logs in with libssh by a certificate. Prints `in` or `refused: WHY`.
//
// libssh-login PORT LOGIN KEY CERTIFICATE KNOWN_HOSTS
//
// libssh knows no host certificates: KNOWN_HOSTS holds the host's own key, and no other is taken.
#include <libssh/libssh.h>
#include <stdio.h>
#include <stdlib.h>

static int refused(const char *why) {
    printf("refused: %s\n", why);
    return 0;
}

int main(int count, char **arguments) {
    if (count != 6) return 2;
    ssh_session session = ssh_new();
    const int port = atoi(arguments[1]), no = 0;
    ssh_options_set(session, SSH_OPTIONS_PROCESS_CONFIG, &no);
    ssh_options_set(session, SSH_OPTIONS_HOST, "127.0.0.1");
    ssh_options_set(session, SSH_OPTIONS_PORT, &port);
    ssh_options_set(session, SSH_OPTIONS_USER, arguments[2]);
    ssh_options_set(session, SSH_OPTIONS_KNOWNHOSTS, arguments[5]);
    ssh_options_set(session, SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/dev/null");
    if (ssh_connect(session) != SSH_OK) return refused(ssh_get_error(session));
    if (ssh_session_is_known_server(session) != SSH_KNOWN_HOSTS_OK) return refused("the host is not known");

    ssh_key key = NULL, certificate = NULL;
    if (ssh_pki_import_privkey_file(arguments[3], NULL, NULL, NULL, &key) != SSH_OK) return 3;
    if (ssh_pki_import_cert_file(arguments[4], &certificate) != SSH_OK) return refused("the certificate is not read");
    if (ssh_pki_copy_cert_to_privkey(certificate, key) != SSH_OK) return refused("key and certificate do not fit");
    if (ssh_userauth_publickey(session, NULL, key) != SSH_AUTH_SUCCESS) return refused(ssh_get_error(session));

    ssh_channel channel = ssh_channel_new(session);
    if (ssh_channel_open_session(channel) != SSH_OK || ssh_channel_request_exec(channel, "true") != SSH_OK)
        return refused(ssh_get_error(session));
    ssh_channel_send_eof(channel);
    char buffer[256];
    while (ssh_channel_read(channel, buffer, sizeof buffer, 0) > 0) continue;
    printf("in %d\n", ssh_channel_get_exit_status(channel));
    ssh_channel_free(channel);
    ssh_disconnect(session);
    ssh_free(session);
    return 0;
}
