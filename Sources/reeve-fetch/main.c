// reeve-fetch STATE HOST LOGIN: what the block of `reeve ssh-config` gives to ssh's `Match exec`. Status 0 says that a good
// certificate is held for LOGIN on HOST. Where one is, the answer comes from local files, in about 1 ms; else, and where
// anything is doubtful, `reeve fetch`, which stands beside this program, takes over in the same process.
//
// STATE is the folder of `reeve`, or `-` for the one that the environment gives. HOST is what the block says, never what was
// typed; LOGIN is ssh's %r, which a stranger may have chosen, and is looked at before anything is done with it. A client that
// does not expand %r gets a yes if any login's certificate is held for the host. Nothing is ever printed.
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../CVersion/version.h"
#include "held.h"
#include "parent.h"

enum { held_here = 0, not_held = 1, usage = 2 };
// Seconds between two questions whether what is held was revoked; as in Sources/reeve/Keys/RevocationCheck.swift.
enum { question_pause = 5 };

static bool is_name_byte(char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '.' || byte == '_' || byte == '-';
}

// As in Sources/Names/NameGrammar.swift, on bytes.
static bool is_name(const char *text, size_t limit) {
    const size_t count = strlen(text);
    if (count == 0 || count > limit || text[0] == '.' || text[0] == '-') return false;
    for (size_t at = 0; at < count; at++)
        if (!is_name_byte(text[at]) || (text[at] == '.' && text[at + 1] == '.')) return false;
    return true;
}
static bool is_host(const char *text) { return is_name(text, 253) && text[0] != '_'; }
static bool is_login(const char *text) {
    return is_name(text, 32) && ((text[0] >= 'a' && text[0] <= 'z') || text[0] == '_');
}

// The folder of the state without a slash at its end; NULL where none is known.
static const char *folder(const char *state) {
    static char path[PATH_MAX];
    const char *home = getenv("REEVE_HOME"), *base = "";
    if (strcmp(state, "-") != 0) {
        home = state;
    } else if (!home || !*home) {
        home = getenv("XDG_STATE_HOME");
        base = "/reeve";
        if (!home || !*home) {
            home = getenv("HOME");
            base = "/.local/state/reeve";
        }
    }
    if (!home || home[0] != '/') return NULL;
    const int length = snprintf(path, sizeof path, "%s%s", home, base);
    return length > 0 && (size_t)length < sizeof path ? path : NULL;
}

// `reeve`, which is installed beside this program.
static const char *reeve(void) {
    static char path[PATH_MAX];
    const ssize_t count = readlink("/proc/self/exe", path, sizeof path - sizeof "reeve");
    if (count <= 0) return NULL;
    path[count] = 0;
    char *slash = strrchr(path, '/');
    if (!slash) return NULL;
    strcpy(slash + 1, "reeve");
    return path;
}

// Whether the last question is a while ago; notes that one is asked now.
static bool is_question_due(const char *state) {
    char path[PATH_MAX];
    const int length = snprintf(path, sizeof path, "%s/revocations-asked", state);
    if (length < 0 || (size_t)length >= sizeof path) return false;
    struct stat status;
    if (stat(path, &status) == 0) {
        const time_t age = time(NULL) - status.st_mtime;
        if (age >= 0 && age < question_pause) return false;
    }
    const int file = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
    if (file < 0) return false;
    const bool is_noted = futimens(file, NULL) == 0;
    close(file);
    return is_noted;
}

// Asks beside ssh whether the certificate was revoked, with no descriptor of ssh: who waits for the end of its output must not
// wait for this.
static void ask_whether_revoked(const char *state, const char *stem) {
    const char *program = reeve();
    if (!program || !is_question_due(state) || fork() != 0) return;
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    const int nowhere = open("/dev/null", O_RDWR);
    if (setsid() < 0 || nowhere < 0) _exit(1);
    for (int number = 0; number < 3; number++)
        if (dup2(nowhere, number) < 0) _exit(1);
    execl(program, program, "check-held", stem, (char *)NULL);
    _exit(1);
}

// Whether any login's certificate for the host is good.
static bool is_any_held(const char *state, const char *host) {
    char path[PATH_MAX], ending[300];
    const int length = snprintf(path, sizeof path, "%s/certificates/by-host", state);
    if (length < 0 || (size_t)length >= sizeof path) return false;
    const size_t end = (size_t)snprintf(ending, sizeof ending, "@%s-cert.pub", host);
    DIR *entries = opendir(path);
    if (!entries) return false;
    bool is_found = false;
    for (struct dirent *entry; !is_found && (entry = readdir(entries));) {
        const size_t count = strlen(entry->d_name);
        char login[33], stem[name_limit];
        if (count <= end || count - end >= sizeof login || strcmp(entry->d_name + count - end, ending) != 0) continue;
        memcpy(login, entry->d_name, count - end);
        login[count - end] = 0;
        is_found = is_login(login) && is_held(state, login, host, stem);
    }
    closedir(entries);
    return is_found;
}

int main(int count, char **arguments) {
    if (count == 2 && strcmp(arguments[1], "--version") == 0) return puts(KEYREEVE_VERSION) < 0 ? usage : 0;
    if (count != 4) return usage;
    const char *given = arguments[1], *host = arguments[2], *login = arguments[3];
    const char *off = getenv("REEVE_FETCH"), *state = folder(given);
    if (!is_host(host) || !state || (off && strcmp(off, "off") == 0)) return not_held;
    if (strcmp(given, "-") != 0 && setenv("REEVE_HOME", given, 1) != 0) return not_held;
    if (strcmp(login, "%r") == 0) return is_any_held(state, host) ? held_here : not_held;
    if (!is_login(login)) return not_held;

    const struct parent parent = parent_process();
    const bool is_certain = !parent.is_ssh || parent.names_login || !may_name_login(parent.config, state);
    char stem[name_limit];
    if ((is_certain || parent.is_question) && is_held(state, login, host, stem)) {
        if (!parent.is_question) ask_whether_revoked(state, stem);
        return held_here;
    }
    const char *program = reeve();
    if (parent.is_question || !program) return not_held;
    execl(program, program, "fetch", "--", given, host, login, (char *)NULL);
    return not_held;
}
