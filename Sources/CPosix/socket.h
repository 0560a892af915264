// Connections of others: TCP sockets, and how one is handed to a program of its own.
#pragma once
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shim.h"

// Listens on a numeric address; the descriptor, or -1 with errno (EINVAL: not a numeric address and port).
static inline int posix_tcp_listen(const char *host, const char *port, int backlog) {
    struct addrinfo hints = {0}, *found = 0;
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
    hints.ai_socktype = SOCK_STREAM;
    if (getaddrinfo(host, port, &hints, &found) != 0 || !found) { errno = EINVAL; return -1; }
    int on = 1, fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
                    bind(fd, found->ai_addr, found->ai_addrlen) != 0 || listen(fd, backlog) != 0)) {
        int code = errno;
        close(fd);
        errno = code;
        fd = -1;
    }
    freeaddrinfo(found);
    return fd;
}

// The next connection and the numeric address of its peer; -1 with errno (EAGAIN: nobody waits).
static inline int posix_tcp_accept(int fd, char *address, uint32_t length) {
    struct sockaddr_storage peer;
    socklen_t size = sizeof peer;
    int connection = accept4(fd, (struct sockaddr *)&peer, &size, SOCK_CLOEXEC);
    if (connection < 0) return -1;
    int on = 1;
    setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (getnameinfo((struct sockaddr *)&peer, size, address, length, 0, 0, NI_NUMERICHOST) != 0) {
        close(connection);
        errno = ECONNABORTED;
        return -1;
    }
    return connection;
}

// Two ends of a connection that keeps messages apart; 0, or -1 with errno.
static inline int posix_packet_pair(int ends[2]) {
    return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends);
}

// Starts a program like posix_start, with two open descriptors of ours as its 3 and 4. 0, or the error number.
static inline int posix_start_with(
    const char *path, char *const arguments[], int third, int fourth, pid_t *pid) {
    // Out of the way of each other's new numbers.
    int high[2] = {fcntl(third, F_DUPFD_CLOEXEC, 16), fcntl(fourth, F_DUPFD_CLOEXEC, 16)};
    int code = high[0] < 0 || high[1] < 0 ? errno : 0;
    if (code == 0) {
        posix_spawn_file_actions_t files;
        posix_spawnattr_t attributes;
        sigset_t none, all;
        sigemptyset(&none);
        sigfillset(&all);
        posix_spawn_file_actions_init(&files);
        posix_spawnattr_init(&attributes);
        posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_adddup2(&files, 2, 1);
        posix_spawn_file_actions_adddup2(&files, high[0], 3);
        posix_spawn_file_actions_adddup2(&files, high[1], 4);
        posix_spawn_file_actions_addclosefrom_np(&files, 5);
        posix_spawnattr_setsigmask(&attributes, &none);
        posix_spawnattr_setsigdefault(&attributes, &all);
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
        code = posix_spawn(pid, path, &files, &attributes, arguments, environ);
        posix_spawnattr_destroy(&attributes);
        posix_spawn_file_actions_destroy(&files);
    }
    if (high[0] >= 0) close(high[0]);
    if (high[1] >= 0) close(high[1]);
    return code;
}

// Whether a child has ended: its exit status or 128 + the signal that ended it, -1 with errno, -2 if it still runs.
static inline int posix_ended(pid_t pid) {
    int status = 0;
    pid_t ended = waitpid(pid, &status, WNOHANG);
    if (ended == 0) return -2;
    if (ended < 0) return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
