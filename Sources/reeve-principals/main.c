// reeve-principals [--data DIR] LOGIN: sshd's AuthorizedPrincipalsCommand (sshd_config(5)). Runs as an unprivileged user,
// reads one local file, knows no network. sshd runs it twice per login, so it is C without a runtime: about 1 ms.
//
// Prints `LOGIN@HOST`, then `LOGIN@KEY=VALUE` for each label in principals.facts (Docs/HOST-LAYOUT.md). Whatever is
// doubtful prints nothing, says why on standard error and ends with a status other than 0: sshd then refuses. No text
// that came from outside is ever shown.
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../CVersion/version.h"

enum { refused = 1, usage = 2 };
enum { facts_limit = 65536, login_limit = 32, name_limit = 63, host_limit = 253 };

struct text {
    const char *bytes;
    size_t count;
};

static char facts[facts_limit + 1];
// Enough: the shortest label line has 10 bytes, `label a=b`, and becomes 37 at most, so 4 times the facts hold the answer.
static char answer[4 * facts_limit];
static size_t answered = 0;

_Noreturn static void fail(int status, const char *happened, const char *why) {
    fprintf(stderr, "reeve-principals: %s%s%s\n", happened, why ? ": " : "", why ? why : "");
    exit(status);
}

_Noreturn static void damaged(void) {
    fail(refused, "principals.facts is damaged; `reeve-agent sync` repairs it", NULL);
}

// The allow-lists of Sources/Names/NameGrammar.swift, on bytes.
static bool is_lower(char byte) { return byte >= 'a' && byte <= 'z'; }
static bool is_name_byte(char byte) {
    return is_lower(byte) || (byte >= '0' && byte <= '9') || byte == '.' || byte == '_' || byte == '-';
}
static bool is_allowed(struct text text, size_t limit) {
    if (text.count == 0 || text.count > limit) return false;
    for (size_t at = 0; at < text.count; at++)
        if (!is_name_byte(text.bytes[at])) return false;
    return true;
}

// `[a-z_][a-z0-9._-]{0,31}`
static bool is_login(struct text text) {
    return is_allowed(text, login_limit) && (is_lower(text.bytes[0]) || text.bytes[0] == '_');
}

// `[a-z0-9][a-z0-9._-]*` without two dots in a row, and not with a dot or hyphen at the end.
static bool is_name(struct text text, size_t limit) {
    if (!is_allowed(text, limit)) return false;
    for (size_t at = 1; at < text.count; at++)
        if (text.bytes[at] == '.' && text.bytes[at - 1] == '.') return false;
    const char first = text.bytes[0], last = text.bytes[text.count - 1];
    return first != '.' && first != '_' && first != '-' && last != '.' && last != '-';
}

// `key=value`, two names; neither holds a second `=`.
static bool is_label(struct text text) {
    const char *equals = memchr(text.bytes, '=', text.count);
    if (!equals) return false;
    const size_t key = (size_t)(equals - text.bytes);
    return is_name((struct text){text.bytes, key}, name_limit)
        && is_name((struct text){equals + 1, text.count - key - 1}, name_limit);
}

static bool is_exactly(struct text text, const char *wanted) {
    return text.count == strlen(wanted) && memcmp(text.bytes, wanted, text.count) == 0;
}

// Takes the next line, without its line feed; false where no whole line is left.
static bool take_line(struct text *rest, struct text *line) {
    const char *feed = rest->count > 0 ? memchr(rest->bytes, '\n', rest->count) : NULL;
    if (!feed) return false;
    *line = (struct text){rest->bytes, (size_t)(feed - rest->bytes)};
    *rest = (struct text){feed + 1, rest->count - line->count - 1};
    return true;
}

// Takes `prefix` off the line; false where it does not begin so.
static bool take_prefix(struct text *line, const char *prefix) {
    const size_t count = strlen(prefix);
    if (line->count < count || memcmp(line->bytes, prefix, count) != 0) return false;
    *line = (struct text){line->bytes + count, line->count - count};
    return true;
}

static void put(const char *bytes, size_t count) {
    if (count > sizeof answer - answered) damaged();
    memcpy(answer + answered, bytes, count);
    answered += count;
}

static void put_principal(struct text login, struct text place) {
    put(login.bytes, login.count);
    put("@", 1);
    put(place.bytes, place.count);
    put("\n", 1);
}

// The whole file, which root alone can have written.
static struct text load(const char *data) {
    char path[PATH_MAX];
    const int length = snprintf(path, sizeof path, "%s/ssh/current/principals.facts", data);
    if (length < 0 || (size_t)length >= sizeof path) fail(refused, "the path of the folder is too long", NULL);
    const int file = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat status;
    if (file < 0 || fstat(file, &status) != 0) fail(refused, "principals.facts cannot be opened", strerror(errno));
    if (!S_ISREG(status.st_mode)) fail(refused, "principals.facts is not a regular file", NULL);
    if (status.st_uid != 0 || (status.st_mode & 0022) != 0)
        fail(refused, "principals.facts can be written by others than root", NULL);
    size_t done = 0;
    while (done < sizeof facts) {
        const ssize_t count = read(file, facts + done, sizeof facts - done);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) fail(refused, "principals.facts cannot be read", strerror(errno));
        if (count == 0) return (struct text){facts, done};
        done += (size_t)count;
    }
    fail(refused, "principals.facts is longer than 64 KiB", NULL);
}

// Puts the whole answer together before a byte of it is printed: what stands in the last line counts for the first.
static void collect(struct text login, struct text rest) {
    struct text line;
    if (!take_line(&rest, &line) || !is_exactly(line, "keyreeve-principals 1")) damaged();
    if (!take_line(&rest, &line) || !take_prefix(&line, "host ") || !is_name(line, host_limit)) damaged();
    put_principal(login, line);
    for (;;) {
        if (!take_line(&rest, &line)) damaged();
        if (is_exactly(line, "end")) break;
        if (!take_prefix(&line, "label ") || !is_label(line)) damaged();
        put_principal(login, line);
    }
    if (rest.count != 0) damaged();
}

static void print(void) {
    for (size_t done = 0; done < answered;) {
        const ssize_t count = write(STDOUT_FILENO, answer + done, answered - done);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) fail(refused, "the answer cannot be written", strerror(errno));
        done += (size_t)count;
    }
}

int main(int count, char **arguments) {
    if (count == 2 && strcmp(arguments[1], "--version") == 0) return puts(KEYREEVE_VERSION) < 0 ? refused : 0;
    const char *data = "/var/lib/reeve-agent";
    if (count == 4 && strcmp(arguments[1], "--data") == 0) {
        data = arguments[2];
    } else if (count != 2) {
        fail(usage, "usage: reeve-principals [--data DIR] LOGIN", NULL);
    }
    const char *name = arguments[count - 1];
    const struct text login = {name, strlen(name)};
    if (!is_login(login)) fail(refused, "that is not a login", NULL);
    collect(login, load(data));
    print();
    return 0;
}
