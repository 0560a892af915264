// pam_reeve.so: is the certificate that this login came by still good? (pam_reeve(8), Docs/SUDO.md)
//
// Lives inside sudo and sshd, as root. It decides nothing: it says to reeve-agent where it runs, and passes the answer on.
// No thread, no signal handler, no static data; and whatever happens ends in PAM_SUCCESS or PAM_AUTH_ERR.
#include <pwd.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include <security/pam_ext.h>
#include <security/pam_modules.h>
#include <security/pam_modutil.h>

#include "link.h"
#include "origin.h"
#include "wire.h"

#define EXPORTED __attribute__((visibility("default")))

// What is asked; the numbers are those of the frame.
enum question { opened = 1, closed = 2, may_act = 3 };
enum phase { authenticating = 1, account = 2 };

static const char *const standard_socket = "/run/reeve-agent/pam.sock";

// `[a-z_][a-z0-9._-]{0,31}`, as everywhere in Keyreeve.
static bool is_login(const char *name) {
    for (size_t at = 0; at <= 32; at++) {
        const char byte = name[at];
        if (byte == 0) return at > 0;
        const bool first = (byte >= 'a' && byte <= 'z') || byte == '_';
        const bool later = (byte >= '0' && byte <= '9') || byte == '.' || byte == '-';
        if (!first && !(at > 0 && later)) return false;
    }
    return false;
}

static const char *item(const pam_handle_t *handle, int type) {
    const void *value = NULL;
    return pam_get_item(handle, type, &value) == PAM_SUCCESS ? value : NULL;
}

// Who acts: whoever ran sudo or su, else who is signed in. Never asks for a name.
static const char *actor(pam_handle_t *handle, enum question question) {
    const char *name = question == may_act ? item(handle, PAM_RUSER) : NULL;
    if (!name || name[0] == 0) name = item(handle, PAM_USER);
    if (!name || !is_login(name)) return NULL;
    const struct passwd *user = pam_modutil_getpwnam(handle, name);
    // Another name for root would have the rights of root and the certificate of somebody else.
    if (!user || (user->pw_uid == 0 && strcmp(name, "root") != 0)) return NULL;
    return name;
}

static bool is_quiet(int count, const char **arguments) {
    for (int at = 0; at < count; at++)
        if (strcmp(arguments[at], "quiet") == 0) return true;
    return false;
}

// The arguments of the line in pam.d; false for one that is not known.
static bool read_arguments(int count, const char **arguments, const char **path) {
    *path = standard_socket;
    for (int at = 0; at < count; at++) {
        if (strcmp(arguments[at], "quiet") == 0) continue;
        if (strncmp(arguments[at], "socket=", 7) != 0) return false;
        *path = arguments[at] + 7;
    }
    return true;
}

// What sshd says of a login.
struct words {
    char *info, *connection;
};

static void forget(pam_handle_t *handle, void *data, int status) {
    (void)handle, (void)status;
    struct words *words = data;
    free(words->info);
    free(words->connection);
    free(words);
}

static char *copy(pam_handle_t *handle, const char *name) {
    const char *value = pam_getenv(handle, name);
    return strdup(value ? value : "");
}

// sshd's words as they were when this module was first asked: a later one (pam_env reads files of the user's) may have put
// others in their place. Null where memory is short.
static const struct words *words_of(pam_handle_t *handle) {
    static const char *const kept = "keyreeve_words_of_sshd";
    const void *before = NULL;
    if (pam_get_data(handle, kept, &before) == PAM_SUCCESS && before) return before;
    struct words *words = calloc(1, sizeof *words);
    if (!words) return NULL;
    words->info = copy(handle, "SSH_AUTH_INFO_0");
    words->connection = copy(handle, "SSH_CONNECTION");
    if (words->info && words->connection && pam_set_data(handle, kept, words, forget) == PAM_SUCCESS) return words;
    forget(handle, words, 0);
    return NULL;
}

static struct answer ask(
    pam_handle_t *handle, enum question question, enum phase phase, int count, const char **arguments) {
    struct answer refused = {0};
    const char *path, *name = actor(handle, question), *service = item(handle, PAM_SERVICE);
    if (!read_arguments(count, arguments, &path)) {
        strcpy(refused.sentence, "an argument of pam_reeve.so is not known");
        return refused;
    }
    if (!name) {
        strcpy(refused.sentence, "this is not a login that a certificate can be for");
        return refused;
    }
    struct frame frame;
    frame_begin(&frame, (unsigned char)question);
    if (question == may_act) frame_byte(&frame, (unsigned char)phase);
    frame_text(&frame, service);
    frame_text(&frame, name);
    origin_add(&frame);
    if (question == opened) {
        const struct words *words = words_of(handle);
        if (!words) frame.failed = true;
        frame_text(&frame, words ? words->info : NULL);
        frame_text(&frame, words ? words->connection : NULL);
    }
    if (frame_end(&frame))
        refused = link_ask(path, &frame);
    else
        strcpy(refused.sentence, "what is to be asked is too long");
    frame_free(&frame);
    return refused;
}

// The person is told why, though sudo before 1.9.16 passes PAM_SILENT always; `quiet` keeps it to the log.
static int passed_on(pam_handle_t *handle, enum question question, struct answer answer, bool quiet) {
    if (answer.yes) return PAM_SUCCESS;
    pam_syslog(handle, LOG_NOTICE, "refused: %s", answer.sentence);
    if (question == may_act && !quiet) pam_error(handle, "keyreeve: %s", answer.sentence);
    return PAM_AUTH_ERR;
}

static int outcome(
    pam_handle_t *handle, enum question question, enum phase phase, int count, const char **arguments) {
    return passed_on(handle, question, ask(handle, question, phase, count, arguments), is_quiet(count, arguments));
}

EXPORTED int pam_sm_authenticate(pam_handle_t *handle, int flags, int count, const char **arguments) {
    (void)flags;
    return outcome(handle, may_act, authenticating, count, arguments);
}

// Gives no credentials; who was refused never comes here.
EXPORTED int pam_sm_setcred(pam_handle_t *handle, int flags, int count, const char **arguments) {
    (void)handle, (void)flags, (void)count, (void)arguments;
    return PAM_SUCCESS;
}

EXPORTED int pam_sm_acct_mgmt(pam_handle_t *handle, int flags, int count, const char **arguments) {
    (void)flags;
    return outcome(handle, may_act, account, count, arguments);
}

EXPORTED int pam_sm_open_session(pam_handle_t *handle, int flags, int count, const char **arguments) {
    (void)flags;
    return outcome(handle, opened, account, count, arguments);
}

EXPORTED int pam_sm_close_session(pam_handle_t *handle, int flags, int count, const char **arguments) {
    (void)flags;
    return outcome(handle, closed, account, count, arguments);
}
