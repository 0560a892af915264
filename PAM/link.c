#include "link.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { patience_ms = 5000, reply_limit = 4096 };

static long long now_ms(void) {
    struct timespec time;
    if (clock_gettime(CLOCK_MONOTONIC, &time) != 0) return -1;
    return (long long)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static struct answer no(const char *sentence) {
    struct answer answer = {0};
    snprintf(answer.sentence, sizeof answer.sentence, "%s", sentence);
    return answer;
}

// Whether nobody but root can have put something there: root owns each folder above it, nobody else may write to one, and
// no part is a symbolic link. The last part is a socket of root's, not a FIFO or a file.
static const char *fault_of(const char *path) {
    struct sockaddr_un address;
    const size_t count = strlen(path);
    if (path[0] != '/' || count >= sizeof address.sun_path) return "the path of the agent's socket is not absolute, or too long";
    char part[sizeof address.sun_path];
    struct stat status;
    for (size_t at = 0; at < count; at++) {
        if (path[at] != '/') continue;
        memcpy(part, path, at);
        part[at] = 0;
        if (lstat(at == 0 ? "/" : part, &status) != 0) return "reeve-agent does not run here: there is no socket";
        if (!S_ISDIR(status.st_mode) || status.st_uid != 0 || (status.st_mode & 0022) != 0)
            return "a folder of the agent's socket is not root's alone";
    }
    if (lstat(path, &status) != 0) return "reeve-agent does not run here: there is no socket";
    if (!S_ISSOCK(status.st_mode) || status.st_uid != 0) return "the agent's socket is not a socket of root's";
    return NULL;
}

// Waits until the connection can be used; false at the deadline.
static bool ready(int connection, short event, long long deadline) {
    for (;;) {
        const long long left = deadline - now_ms();
        if (left <= 0 || left > patience_ms) return false;
        struct pollfd wait = {.fd = connection, .events = event};
        const int count = poll(&wait, 1, (int)left);
        if (count > 0) return true;
        if (count == 0 || errno != EINTR) return false;
    }
}

static bool write_all(int connection, const unsigned char *bytes, size_t count, long long deadline) {
    for (size_t done = 0; done < count;) {
        if (!ready(connection, POLLOUT, deadline)) return false;
        const ssize_t sent = send(connection, bytes + done, count - done, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (sent <= 0) return false;
        done += (size_t)sent;
    }
    return true;
}

static bool read_all(int connection, unsigned char *bytes, size_t count, long long deadline) {
    for (size_t done = 0; done < count;) {
        if (!ready(connection, POLLIN, deadline)) return false;
        const ssize_t got = recv(connection, bytes + done, count - done, MSG_DONTWAIT);
        if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (got <= 0) return false;
        done += (size_t)got;
    }
    return true;
}

static uint32_t number(const unsigned char *bytes) {
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

// `byte 1`: yes. `byte 2, string sentence`: no. Everything else is no as well.
static struct answer meaning(const unsigned char *reply, size_t count) {
    if (count == 1 && reply[0] == 1) return (struct answer){.yes = true};
    if (count < 5 || reply[0] != 2 || number(reply + 1) != count - 5 || count - 5 > sentence_limit)
        return no("the answer of reeve-agent is not one");
    struct answer answer = {0};
    for (size_t at = 0; at < count - 5; at++) {
        const unsigned char byte = reply[5 + at];
        answer.sentence[at] = byte >= 0x20 && byte < 0x7f ? (char)byte : '?';
    }
    return answer;
}

static struct answer converse(int connection, const struct frame *frame, long long deadline) {
    struct ucred peer;
    socklen_t size = sizeof peer;
    if (getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 || peer.uid != 0)
        return no("who listens on the agent's socket is not root");
    unsigned char head[4], reply[reply_limit];
    if (!write_all(connection, frame->bytes, frame->count, deadline) || !read_all(connection, head, 4, deadline))
        return no("reeve-agent does not answer");
    const uint32_t count = number(head);
    if (count == 0 || count > reply_limit) return no("the answer of reeve-agent is not one");
    if (!read_all(connection, reply, count, deadline)) return no("reeve-agent does not answer");
    return meaning(reply, count);
}

struct answer link_ask(const char *path, const struct frame *frame) {
    const char *fault = fault_of(path);
    if (fault) return no(fault);
    const long long began = now_ms();
    const int connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connection < 0 || began < 0) {
        if (connection >= 0) close(connection);
        return no("no socket can be had");
    }
    // Bounds the wait for a place in the agent's queue too (unix(7)).
    const struct timeval patience = {.tv_sec = patience_ms / 1000};
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, path, strlen(path) + 1);
    struct answer answer;
    if (setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) != 0
        || connect(connection, (const struct sockaddr *)&address, sizeof address) != 0)
        answer = no("reeve-agent does not answer");
    else
        answer = converse(connection, frame, began + patience_ms);
    close(connection);
    return answer;
}
