// What Swift cannot import from glibc: variadic calls and types behind _GNU_SOURCE.
#pragma once
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pthread.h>
#include <pwd.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <sys/types.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct posix_peer { int32_t pid; uint32_t uid; uint32_t gid; };

// Who is at the other end of a Unix socket (SO_PEERCRED, socket(7)); 0, or -1 with errno.
static inline int posix_peer_of(int fd, struct posix_peer *peer) {
    socklen_t length = sizeof *peer;
    return getsockopt(fd, SOL_SOCKET, 17 /* SO_PEERCRED */, peer, &length);
}

static inline int posix_set_dumpable(int on) { return prctl(PR_SET_DUMPABLE, on, 0, 0, 0); }
static inline int posix_no_new_privileges(void) { return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); }
static inline int posix_die_with_parent(int signal) { return prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0); }
// Processes whose parent ends become children of this one, not of init (prctl(2)); 0, or -1 with errno.
static inline int posix_adopt_orphans(void) { return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); }
static inline int posix_open(const char *path, int flags, mode_t mode) { return open(path, flags, mode); }
static inline int posix_openat(int dir, const char *path, int flags, mode_t mode) {
    return openat(dir, path, flags, mode);
}
static inline int posix_lower_this_thread(void) {
    return setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), 19);
}

// No core file, and none may be asked for later (getrlimit(2)); 0, or -1 with errno.
static inline int posix_no_core(void) {
    struct rlimit none = {0, 0};
    return setrlimit(RLIMIT_CORE, &none);
}

// Becomes uid and gid for good, with that one group; 0, or -1 with errno.
static inline int posix_become(uint32_t uid, uint32_t gid) {
    gid_t only = gid;
    if (setgroups(1, &only) != 0 || setresgid(gid, gid, gid) != 0 || setresuid(uid, uid, uid) != 0) return -1;
    if (uid != 0 && setuid(0) == 0) { errno = EPERM; return -1; }
    return 0;
}

// The user of that name; 0, -1 with errno (ENOENT: no such user).
// Whether root is in a group, by its primary group too; 0, or -1 with errno (0: there is none of that name).
static inline int posix_group_holds_root(const char *name, int *holds) {
    char buffer[65536];
    struct group entry, *found = 0;
    int code = getgrnam_r(name, &entry, buffer, sizeof buffer, &found);
    if (code != 0 || !found) { errno = code; return -1; }
    *holds = entry.gr_gid == 0;
    for (char **member = entry.gr_mem; *member; member++)
        if (strcmp(*member, "root") == 0) *holds = 1;
    return 0;
}

static inline int posix_user_named(const char *name, uint32_t *uid, uint32_t *gid) {
    char buffer[16384];
    struct passwd entry, *found = 0;
    int code = getpwnam_r(name, &entry, buffer, sizeof buffer, &found);
    if (code != 0 || !found) { errno = code ? code : ENOENT; return -1; }
    *uid = entry.pw_uid;
    *gid = entry.pw_gid;
    return 0;
}

// Address of a Unix socket; 0, or -1 with ENAMETOOLONG.
static inline int posix_unix_address(const char *path, struct sockaddr_un *address) {
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    if (strlen(path) >= sizeof address->sun_path) { errno = ENAMETOOLONG; return -1; }
    strcpy(address->sun_path, path);
    return 0;
}
static inline int posix_unix_bind(int fd, const char *path) {
    struct sockaddr_un address;
    if (posix_unix_address(path, &address) != 0) return -1;
    return bind(fd, (struct sockaddr *)&address, sizeof address);
}
static inline int posix_unix_connect(int fd, const char *path) {
    struct sockaddr_un address;
    if (posix_unix_address(path, &address) != 0) return -1;
    return connect(fd, (struct sockaddr *)&address, sizeof address);
}
static inline int posix_unix_socket(void) { return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0); }
static inline int posix_accept(int fd) { return accept4(fd, 0, 0, SOCK_CLOEXEC); }

// Waits for `events`; 1 ready, 0 time is up, -1 with errno. A negative time waits for ever.
static inline int posix_wait(int fd, short events, int milliseconds) {
    struct pollfd one = {fd, events, 0};
    return poll(&one, 1, milliseconds);
}

// Nanoseconds of a clock (clock_gettime(2)).
static inline uint64_t posix_clock(clockid_t clock) {
    struct timespec now = {0, 0};
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}
static inline uint64_t posix_wall_clock(void) { return posix_clock(CLOCK_REALTIME); }
static inline uint64_t posix_monotonic_clock(void) { return posix_clock(CLOCK_BOOTTIME); }

// Whether something keeps the time of day right (adjtimex(2)): 1 yes, 0 no, -1 with errno.
static inline int posix_clock_synchronised(void) {
    struct timex state = {0};
    int code = adjtimex(&state);
    if (code == -1) return -1;
    return code != TIME_ERROR && !(state.status & STA_UNSYNC);
}

// Most descriptors that this process may have open (getrlimit(2)).
static inline uint64_t posix_descriptor_limit(void) {
    struct rlimit limit = {0, 0};
    return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : 0;
}

extern char **environ;

// The program about to be started keeps its input, output and errors, and no other descriptor of ours.
static inline int posix_inherit_three(posix_spawn_file_actions_t *files) {
    return posix_spawn_file_actions_addclosefrom_np(files, 3);
}

// Starts a program in a process group of its own with default signals and no standard input; its output goes to
// `output`, or with -1 where our errors go. 0, or the error number.
static inline int posix_start(const char *path, char *const arguments[], int output, pid_t *pid) {
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, output < 0 ? 2 : output, 1);
    posix_spawn_file_actions_adddup2(&files, output < 0 ? 2 : output, 2);
    posix_inherit_three(&files);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(
        &attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    int code = posix_spawn(pid, path, &files, &attributes, arguments, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return code;
}

// A pipe of which no other program gets an end by accident: 0, or -1 with errno.
static inline int posix_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

// Starts a program in a session of its own that talks on descriptor 3, which is `connection`; it inherits nothing else: no
// input, no output, no environment but a path. 0, or the error number.
static inline int posix_start_worker(const char *path, char *const arguments[], int connection, pid_t *pid) {
    char *const surroundings[] = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 0};
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_adddup2(&files, connection, 3);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDWR, 0);
    posix_spawn_file_actions_adddup2(&files, 0, 1);
    posix_spawn_file_actions_adddup2(&files, 0, 2);
    posix_spawn_file_actions_addclosefrom_np(&files, 4);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(
        &attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | 0x80 /* POSIX_SPAWN_SETSID */);
    int code = posix_spawn(pid, path, &files, &attributes, arguments, surroundings);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return code;
}

// A descriptor of the process that has this number now, and that stays that process's (pidfd_open(2)); -1 with errno.
static inline int posix_hold_process(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }
// Sends a signal to the process that is held, unless it has ended; -1 with errno.
static inline int posix_signal_held(int process, int signal) {
    return (int)syscall(SYS_pidfd_send_signal, process, signal, 0, 0);
}

// Waits until a child has ended (1), the peer of `connection` has gone (2), or time is up (0); -1 with errno. The child is
// not reaped.
static inline int posix_watch(pid_t pid, int connection, int milliseconds) {
    int ending = (int)syscall(SYS_pidfd_open, pid, 0);
    if (ending == -1) return -1;
    struct pollfd both[] = {{ending, POLLIN, 0}, {connection, 0, 0}};
    int ready = poll(both, 2, milliseconds), code = errno;
    close(ending);
    errno = code;
    if (ready <= 0) return ready;
    return both[0].revents ? 1 : 2;
}

// No more memory than this may be written to by this process and each one it starts (getrlimit(2)); 0, or -1 with errno.
static inline int posix_limit_memory(uint64_t bytes) {
    struct rlimit most = {bytes, bytes};
    return setrlimit(RLIMIT_DATA, &most);
}

// Waits for a child to end: its exit status, or 128 + the signal that ended it; -1 with errno.
static inline int posix_wait_for(pid_t pid) {
    int status = 0;
    pid_t ended;
    do { ended = waitpid(pid, &status, 0); } while (ended == -1 && errno == EINTR);
    if (ended == -1) return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// A detached thread with a stack of that many bytes; 0, or the error number.
static inline int posix_thread(size_t stack, void *(*body)(void *), void *context) {
    pthread_attr_t attributes;
    pthread_t thread;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, stack);
    int code = pthread_create(&thread, &attributes, body, context);
    pthread_attr_destroy(&attributes);
    return code;
}
