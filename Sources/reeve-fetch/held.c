#include "held.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { file_limit = 65536, agent_limit = 1 << 20, agent_patience = 500 };
// Seconds that a certificate must have left to be used; as in Sources/reeve/Keys/HostAccess.swift.
enum { least_left = 15 };

struct bytes {
    const unsigned char *at;
    size_t count;
};

long load(const char *path, unsigned char *into, size_t limit) {
    const int file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (file < 0) return -1;
    struct stat status;
    size_t done = 0;
    ssize_t count = fstat(file, &status) == 0 && S_ISREG(status.st_mode) ? 1 : -1;
    while (count > 0 && done < limit) {
        count = read(file, into + done, limit - done);
        if (count < 0 && errno == EINTR) count = 1;
        else if (count > 0) done += (size_t)count;
    }
    close(file);
    return count == 0 ? (long)done : -1;
}

static int base64_value(unsigned char byte) {
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *found = byte ? strchr(alphabet, byte) : NULL;
    return found ? (int)(found - alphabet) : -1;
}

// Decodes up to the first byte that is neither of the alphabet nor a line end; in place is allowed.
static size_t decode(const unsigned char *text, size_t count, unsigned char *into) {
    uint32_t bits = 0;
    size_t done = 0, filled = 0;
    for (size_t at = 0; at < count; at++) {
        if (text[at] == '\n') continue;
        const int value = base64_value(text[at]);
        if (value < 0) break;
        bits = bits << 6 | (uint32_t)value;
        if (++filled % 4 != 1) into[done++] = (unsigned char)(bits >> (6 - 2 * ((filled - 1) % 4)));
    }
    return done;
}

static bool take_number(struct bytes *rest, size_t size, uint64_t *number) {
    if (rest->count < size) return false;
    *number = 0;
    for (size_t at = 0; at < size; at++) *number = *number << 8 | rest->at[at];
    *rest = (struct bytes){rest->at + size, rest->count - size};
    return true;
}

static bool take_string(struct bytes *rest, struct bytes *string) {
    uint64_t count;
    if (!take_number(rest, 4, &count) || count > rest->count) return false;
    *string = (struct bytes){rest->at, (size_t)count};
    *rest = (struct bytes){rest->at + count, rest->count - (size_t)count};
    return true;
}

// Whether the certificate is a person's and counts from before now to a while after; `key` becomes its public key. A clock that
// was set back makes it one of the future, about which nothing is known.
static bool is_good(struct bytes rest, struct bytes *key) {
    static const char type[] = "ssh-ed25519-cert-v01@openssh.com";
    struct bytes string;
    uint64_t serial, kind, after, before;
    if (!take_string(&rest, &string) || string.count != strlen(type) || memcmp(string.at, type, string.count) != 0)
        return false;
    if (!take_string(&rest, &string) || !take_string(&rest, key) || key->count != 32) return false;
    if (!take_number(&rest, 8, &serial) || !take_number(&rest, 4, &kind) || kind != 1) return false;
    if (!take_string(&rest, &string) || !take_string(&rest, &string)) return false;
    if (!take_number(&rest, 8, &after) || !take_number(&rest, 8, &before)) return false;
    for (int left = 5; left > 0; left--)  // Critical options, extensions, reserved, signature key, signature: whole.
        if (!take_string(&rest, &string)) return false;
    const time_t now = time(NULL);
    return rest.count == 0 && now > 0 && after <= (uint64_t)now && before > (uint64_t)now + least_left;
}

// Whether the file is a whole private key with that public key.
static bool is_key_file(const char *path, struct bytes key) {
    static const char head[] = "-----BEGIN OPENSSH PRIVATE KEY-----\n", tail[] = "\n-----END OPENSSH PRIVATE KEY-----";
    static unsigned char text[file_limit + 1];
    const long count = load(path, text, file_limit);
    if (count < 0) return false;
    text[count] = 0;
    const char *end = strstr((char *)text, tail);
    if (!end || strncmp((char *)text, head, strlen(head)) != 0) return false;
    const unsigned char *body = text + strlen(head);
    if ((const unsigned char *)end < body) return false;
    const size_t decoded = decode(body, (size_t)((const unsigned char *)end - body), text);
    const unsigned char *first = memmem(text, decoded, key.at, key.count);
    if (!first) return false;
    // It stands twice in it, alone and behind the private half.
    return memmem(first + key.count, decoded - (size_t)(first + key.count - text), key.at, key.count) != NULL;
}

static int milliseconds_until(const struct timespec *end) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    const long left = (end->tv_sec - now.tv_sec) * 1000 + (end->tv_nsec - now.tv_nsec) / 1000000;
    return left > 0 ? (int)left : 0;
}

// Reads that much in time.
static bool receive(int agent, unsigned char *into, size_t count, const struct timespec *end) {
    while (count > 0) {
        struct pollfd wait = {.fd = agent, .events = POLLIN};
        if (poll(&wait, 1, milliseconds_until(end)) <= 0) return false;
        const ssize_t got = recv(agent, into, count, MSG_DONTWAIT);
        if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (got <= 0) return false;
        into += got;
        count -= (size_t)got;
    }
    return true;
}

// Whether the ssh-agent lists the certificate (draft-ietf-sshm-ssh-agent, SSH_AGENTC_REQUEST_IDENTITIES).
static bool is_in_agent(struct bytes certificate) {
    static unsigned char reply[agent_limit];
    static const unsigned char request[] = {0, 0, 0, 1, 11};
    const char *path = getenv("SSH_AUTH_SOCK");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (!path || !*path || strlen(path) >= sizeof address.sun_path) return false;
    strcpy(address.sun_path, path);
    const int agent = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (agent < 0) return false;
    struct timespec end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_nsec += agent_patience * 1000000L;
    end.tv_sec += end.tv_nsec / 1000000000L;
    end.tv_nsec %= 1000000000L;
    bool is_found = false;
    unsigned char head[4];
    if (connect(agent, (struct sockaddr *)&address, sizeof address) == 0
        && send(agent, request, sizeof request, MSG_NOSIGNAL) == (ssize_t)sizeof request
        && receive(agent, head, sizeof head, &end)) {
        const size_t count = (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
        is_found = count > 5 && count <= sizeof reply && receive(agent, reply, count, &end) && reply[0] == 12
            && memmem(reply, count, certificate.at, certificate.count) != NULL;
    }
    close(agent);
    return is_found;
}

bool is_held(const char *state, const char *login, const char *host, char stem[static name_limit]) {
    static const char ending[] = "-cert.pub", start[] = "ssh-ed25519-cert-v01@openssh.com ";
    static unsigned char text[file_limit];
    char path[PATH_MAX];
    const int length = snprintf(path, sizeof path, "%s/certificates/by-host/%s@%s%s", state, login, host, ending);
    if (length < 0 || (size_t)length >= sizeof path) return false;
    char target[name_limit];
    const ssize_t linked = readlink(path, target, sizeof target - 1);
    if (linked <= (ssize_t)(3 + strlen(ending)) || linked == sizeof target - 1) return false;
    target[linked] = 0;
    char *end = target + linked - strlen(ending);
    if (strncmp(target, "../", 3) != 0 || strcmp(end, ending) != 0 || memchr(target + 3, '/', (size_t)linked - 3)) return false;
    *end = 0;
    strcpy(stem, target + 3);

    const long count = load(path, text, sizeof text);
    const size_t skipped = strlen(start);
    if (count < (long)skipped || memcmp(text, start, skipped) != 0) return false;
    const struct bytes certificate = {text, decode(text + skipped, (size_t)count - skipped, text)};
    struct bytes key;
    if (!is_good(certificate, &key)) return false;
    path[length - (int)strlen(ending)] = 0;
    return is_key_file(path, key) || is_in_agent(certificate);
}
