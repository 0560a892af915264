#pragma once
#include <stdbool.h>

#include <libssh/callbacks.h>
#include <libssh/libssh.h>
#include <libssh/server.h>

// Has `*flag` set once the client of this channel offers its agent. The callbacks must live as long as the channel.
static inline void libssh_note_agent(ssh_session session, ssh_channel channel, void *flag) {
    (void)session;
    (void)channel;
    *(int *)flag = 1;
}
static inline int libssh_watch_agent(ssh_channel channel, struct ssh_channel_callbacks_struct *callbacks, int *flag) {
    callbacks->size = sizeof *callbacks;
    callbacks->userdata = flag;
    callbacks->channel_auth_agent_req_function = libssh_note_agent;
    return ssh_set_channel_callbacks(channel, callbacks);
}

// Reads no file of the system's: what the door does is decided by the door.
static inline int libssh_ignore_files(ssh_bind bind) {
    bool no = false;
    return ssh_bind_options_set(bind, SSH_BIND_OPTIONS_PROCESS_CONFIG, &no);
}
static inline int libssh_timeout(ssh_session session, long seconds) {
    return ssh_options_set(session, SSH_OPTIONS_TIMEOUT, &seconds);
}
