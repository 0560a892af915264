// A seccomp filter (seccomp(2)) for a process that faces a stranger on a connection it was given, and asks one server for
// them. It may look up names, connect and read files. It writes no file, starts no program and no process, takes no
// further connection, traces nobody, and runs no code that was not in a file.
#pragma once
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include "seccomp.h"

#define POSIX_FILTER_WRITING (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND)
// Refused with one of these bits in the argument, else allowed.
#define POSIX_FILTER_REFUSE_WITH(number, argument, bits, error) \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (number), 0, 4), POSIX_FILTER_LOAD(args[argument]), \
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, (bits), 1, 0), POSIX_FILTER_RETURN(SECCOMP_RET_ALLOW), \
        POSIX_FILTER_RETURN(SECCOMP_RET_ERRNO | (error))
// Allowed with one of these values in the argument, else refused.
#define POSIX_FILTER_ONE_OF(number, argument, one, two, three, error) \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (number), 0, 6), POSIX_FILTER_LOAD(args[argument]), \
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (one), 3, 0), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (two), 2, 0), \
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (three), 1, 0), POSIX_FILTER_RETURN(SECCOMP_RET_ERRNO | (error)), \
        POSIX_FILTER_RETURN(SECCOMP_RET_ALLOW)
// Memory that can be run is a file's, and cannot be written: modules of the name service are loaded late.
#define POSIX_FILTER_FILES_RUN(number) \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (number), 0, 7), POSIX_FILTER_LOAD(args[2]), \
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 0, 4), \
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_WRITE, 2, 0), POSIX_FILTER_LOAD(args[3]), \
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, MAP_ANONYMOUS, 0, 1), POSIX_FILTER_RETURN(SECCOMP_RET_KILL_PROCESS), \
        POSIX_FILTER_RETURN(SECCOMP_RET_ALLOW)

// As posix_filter_server.
static inline int posix_filter_worker(int every_thread) {
#ifdef POSIX_FILTER_ARCH
    struct sock_filter program[] = {
        POSIX_FILTER_LOAD(arch),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, POSIX_FILTER_ARCH, 1, 0),
        POSIX_FILTER_RETURN(SECCOMP_RET_KILL_PROCESS),
        POSIX_FILTER_LOAD(nr),
#ifdef __x86_64__
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1),
        POSIX_FILTER_RETURN(SECCOMP_RET_KILL_PROCESS),
#endif
        // Connections: the stranger's, the doorman's, and new ones to a server and to those who know names. No Unix socket,
        // so none of the machine's services; no listen(2) and no accept(2).
        POSIX_FILTER_ALLOW(SYS_read),
        POSIX_FILTER_ALLOW(SYS_write),
        POSIX_FILTER_ALLOW(SYS_readv),
        POSIX_FILTER_ALLOW(SYS_writev),
        POSIX_FILTER_ALLOW(SYS_recvfrom),
        POSIX_FILTER_ALLOW(SYS_sendto),
        POSIX_FILTER_ALLOW(SYS_recvmsg),
        POSIX_FILTER_ALLOW(SYS_sendmsg),
        POSIX_FILTER_ALLOW(SYS_sendmmsg),
        POSIX_FILTER_ONE_OF(SYS_socket, 0, AF_INET, AF_INET6, AF_NETLINK, EAFNOSUPPORT),
        POSIX_FILTER_ALLOW(SYS_connect),
        POSIX_FILTER_ALLOW(SYS_bind),
        POSIX_FILTER_ALLOW(SYS_shutdown),
        POSIX_FILTER_ALLOW(SYS_getsockopt),
        POSIX_FILTER_ALLOW(SYS_setsockopt),
        POSIX_FILTER_ALLOW(SYS_getsockname),
        POSIX_FILTER_ALLOW(SYS_getpeername),
        // Waiting.
#ifdef SYS_poll
        POSIX_FILTER_ALLOW(SYS_poll),
        POSIX_FILTER_ALLOW(SYS_epoll_create),
        POSIX_FILTER_ALLOW(SYS_epoll_wait),
#endif
        POSIX_FILTER_ALLOW(SYS_ppoll),
        POSIX_FILTER_ALLOW(SYS_epoll_create1),
        POSIX_FILTER_ALLOW(SYS_epoll_ctl),
        POSIX_FILTER_ALLOW(SYS_epoll_pwait),
        POSIX_FILTER_ALLOW(SYS_eventfd2),
        POSIX_FILTER_ALLOW(SYS_timerfd_create),
        POSIX_FILTER_ALLOW(SYS_timerfd_settime),
        // Files are read.
        POSIX_FILTER_REFUSE_WITH(SYS_openat, 2, POSIX_FILTER_WRITING, EROFS),
#ifdef SYS_open
        POSIX_FILTER_REFUSE_WITH(SYS_open, 1, POSIX_FILTER_WRITING, EROFS),
        POSIX_FILTER_ALLOW(SYS_stat),
        POSIX_FILTER_ALLOW(SYS_lstat),
        POSIX_FILTER_ALLOW(SYS_access),
        POSIX_FILTER_ALLOW(SYS_readlink),
#endif
        POSIX_FILTER_ALLOW(SYS_close),
        POSIX_FILTER_ALLOW(SYS_newfstatat),
        POSIX_FILTER_ALLOW(SYS_fstat),
        POSIX_FILTER_ALLOW(SYS_statx),
        POSIX_FILTER_ALLOW(SYS_statfs),
        POSIX_FILTER_ALLOW(SYS_faccessat),
        POSIX_FILTER_ALLOW(SYS_readlinkat),
        POSIX_FILTER_ALLOW(SYS_getdents64),
        POSIX_FILTER_ALLOW(SYS_lseek),
        POSIX_FILTER_ALLOW(SYS_pread64),
        POSIX_FILTER_ALLOW(SYS_fcntl),
        POSIX_FILTER_ONE_OF(SYS_ioctl, 1, FIONREAD, FIONBIO, FIONBIO, ENOTTY),
        // Memory.
        POSIX_FILTER_FILES_RUN(SYS_mmap),
        POSIX_FILTER_UNLESS(SYS_mprotect, 2, PROT_EXEC),
        POSIX_FILTER_ALLOW(SYS_munmap),
        POSIX_FILTER_ALLOW(SYS_mremap),
        POSIX_FILTER_ALLOW(SYS_madvise),
        POSIX_FILTER_ALLOW(SYS_brk),
        // Threads, but no processes.
        POSIX_FILTER_ONLY(SYS_clone, 0, 0x00010000 /* CLONE_THREAD */),
        POSIX_FILTER_REFUSE(SYS_clone3, ENOSYS),
        POSIX_FILTER_ALLOW(SYS_futex),
        POSIX_FILTER_ALLOW(SYS_set_robust_list),
        POSIX_FILTER_ALLOW(SYS_rseq),
        POSIX_FILTER_ALLOW(SYS_membarrier),
        POSIX_FILTER_ALLOW(SYS_exit),
        POSIX_FILTER_ALLOW(SYS_exit_group),
        POSIX_FILTER_ALLOW(SYS_sched_yield),
        POSIX_FILTER_ALLOW(SYS_sched_getaffinity),
        POSIX_FILTER_ALLOW(SYS_setpriority),
        POSIX_FILTER_ALLOW(SYS_gettid),
        POSIX_FILTER_ALLOW(SYS_getpid),
        POSIX_FILTER_ALLOW(SYS_tgkill),
        POSIX_FILTER_ALLOW(SYS_rt_sigaction),
        POSIX_FILTER_ALLOW(SYS_rt_sigprocmask),
        POSIX_FILTER_ALLOW(SYS_rt_sigreturn),
        POSIX_FILTER_ALLOW(SYS_rt_sigsuspend),
        POSIX_FILTER_ALLOW(SYS_sigaltstack),
        POSIX_FILTER_ALLOW(SYS_restart_syscall),
        // Names of threads, and nothing else: it stays without core files and tracers.
        POSIX_FILTER_ONE_OF(SYS_prctl, 0, PR_SET_NAME, PR_GET_NAME, PR_GET_NAME, EPERM),
        // Time, randomness, and what a process may know of itself.
        POSIX_FILTER_ALLOW(SYS_getrandom),
        POSIX_FILTER_ALLOW(SYS_clock_gettime),
        POSIX_FILTER_ALLOW(SYS_clock_getres),
        POSIX_FILTER_ALLOW(SYS_clock_nanosleep),
        POSIX_FILTER_ALLOW(SYS_nanosleep),
        POSIX_FILTER_ALLOW(SYS_gettimeofday),
        POSIX_FILTER_ALLOW(SYS_getuid),
        POSIX_FILTER_ALLOW(SYS_geteuid),
        POSIX_FILTER_ALLOW(SYS_getgid),
        POSIX_FILTER_ALLOW(SYS_getegid),
        POSIX_FILTER_ALLOW(SYS_getppid),
        POSIX_FILTER_ALLOW(SYS_uname),
        POSIX_FILTER_ALLOW(SYS_sysinfo),
        POSIX_FILTER_REFUSE(SYS_prlimit64, EPERM),
        POSIX_FILTER_RETURN(SECCOMP_RET_KILL_PROCESS),
    };
    struct sock_fprog filter = {sizeof program / sizeof program[0], program};
    long code = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, every_thread ? SECCOMP_FILTER_FLAG_TSYNC : 0, &filter);
    if (code > 0) { errno = EBUSY; return -1; }
    return (int)code;
#else
    errno = ENOSYS;
    return -1;
#endif
}
