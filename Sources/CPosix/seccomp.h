// A seccomp filter (seccomp(2)) for a process that has opened all that it needs: it serves a socket that listens and
// writes files. Nothing new is started, connected, traced or mapped for execution.
#pragma once
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define POSIX_FILTER_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define POSIX_FILTER_ARCH AUDIT_ARCH_AARCH64
#endif

#define POSIX_FILTER_LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define POSIX_FILTER_RETURN(verdict) BPF_STMT(BPF_RET | BPF_K, (verdict))
#define POSIX_FILTER_ALLOW(number) \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (number), 0, 1), POSIX_FILTER_RETURN(SECCOMP_RET_ALLOW)
#define POSIX_FILTER_REFUSE(number, error) \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (number), 0, 1), POSIX_FILTER_RETURN(SECCOMP_RET_ERRNO | (error))
// Allowed unless one of these bits is in the low half of the argument; else the process ends.
#define POSIX_FILTER_UNLESS(number, argument, bits) \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (number), 0, 4), POSIX_FILTER_LOAD(args[argument]), \
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, (bits), 1, 0), POSIX_FILTER_RETURN(SECCOMP_RET_ALLOW), \
        POSIX_FILTER_RETURN(SECCOMP_RET_KILL_PROCESS)
// Allowed only with one of these bits.
#define POSIX_FILTER_ONLY(number, argument, bits) \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (number), 0, 4), POSIX_FILTER_LOAD(args[argument]), \
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, (bits), 0, 1), POSIX_FILTER_RETURN(SECCOMP_RET_ALLOW), \
        POSIX_FILTER_RETURN(SECCOMP_RET_KILL_PROCESS)

// Puts the filter on this thread and those that it starts, or on every thread, for good. 0, or -1 with errno; ENOSYS on machines that it is not written for.
static inline int posix_filter_server(int every_thread) {
#ifdef POSIX_FILTER_ARCH
    struct sock_filter program[] = {
        POSIX_FILTER_LOAD(arch),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, POSIX_FILTER_ARCH, 1, 0),
        POSIX_FILTER_RETURN(SECCOMP_RET_KILL_PROCESS),
        POSIX_FILTER_LOAD(nr),
#ifdef __x86_64__
        // The x32 numbers are the same calls by another door.
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1),
        POSIX_FILTER_RETURN(SECCOMP_RET_KILL_PROCESS),
#endif
        // The socket: peers come, ask and go. There is no socket(2) and no connect(2).
        POSIX_FILTER_ALLOW(SYS_recvfrom),
        POSIX_FILTER_ALLOW(SYS_sendto),
        POSIX_FILTER_ALLOW(SYS_ppoll),
#ifdef SYS_poll
        POSIX_FILTER_ALLOW(SYS_poll),
#endif
        POSIX_FILTER_ALLOW(SYS_accept4),
        POSIX_FILTER_ALLOW(SYS_getsockopt),
        POSIX_FILTER_ALLOW(SYS_shutdown),
        // Files: the sealed ones are read and replaced durably.
        POSIX_FILTER_ALLOW(SYS_write),
        POSIX_FILTER_ALLOW(SYS_read),
        POSIX_FILTER_ALLOW(SYS_close),
        POSIX_FILTER_ALLOW(SYS_openat),
        POSIX_FILTER_ALLOW(SYS_newfstatat),
        POSIX_FILTER_ALLOW(SYS_fstat),
        POSIX_FILTER_ALLOW(SYS_statx),
        POSIX_FILTER_ALLOW(SYS_lseek),
        POSIX_FILTER_ALLOW(SYS_fchmod),
        POSIX_FILTER_ALLOW(SYS_fsync),
        POSIX_FILTER_ALLOW(SYS_linkat),
        POSIX_FILTER_ALLOW(SYS_renameat),
        POSIX_FILTER_ALLOW(SYS_unlinkat),
        POSIX_FILTER_ALLOW(SYS_flock),
#ifdef SYS_lstat
        POSIX_FILTER_ALLOW(SYS_lstat),
#endif
        // Memory, but none that can be run.
        POSIX_FILTER_UNLESS(SYS_mmap, 2, PROT_EXEC),
        POSIX_FILTER_UNLESS(SYS_mprotect, 2, PROT_EXEC),
        POSIX_FILTER_ALLOW(SYS_munmap),
        POSIX_FILTER_ALLOW(SYS_mremap),
        POSIX_FILTER_ALLOW(SYS_madvise),
        POSIX_FILTER_ALLOW(SYS_brk),
        // Threads, but no processes: glibc takes clone(2), whose flags can be seen, where clone3(2) is not there.
        POSIX_FILTER_ONLY(SYS_clone, 0, 0x00010000 /* CLONE_THREAD */),
        POSIX_FILTER_REFUSE(SYS_clone3, ENOSYS),
        POSIX_FILTER_ALLOW(SYS_futex),
        POSIX_FILTER_ALLOW(SYS_set_robust_list),
        POSIX_FILTER_ALLOW(SYS_rseq),
        POSIX_FILTER_ALLOW(SYS_exit),
        POSIX_FILTER_ALLOW(SYS_exit_group),
        POSIX_FILTER_ALLOW(SYS_sched_yield),
        POSIX_FILTER_ALLOW(SYS_sched_getaffinity),
        POSIX_FILTER_ALLOW(SYS_gettid),
        POSIX_FILTER_ALLOW(SYS_getpid),
        POSIX_FILTER_ALLOW(SYS_tgkill),
        POSIX_FILTER_ALLOW(SYS_rt_sigaction),
        POSIX_FILTER_ALLOW(SYS_rt_sigprocmask),
        POSIX_FILTER_ALLOW(SYS_rt_sigreturn),
        POSIX_FILTER_ALLOW(SYS_sigaltstack),
        POSIX_FILTER_ALLOW(SYS_restart_syscall),
        // Time, randomness, and what a process may know of itself.
        POSIX_FILTER_ALLOW(SYS_getrandom),
        POSIX_FILTER_ALLOW(SYS_clock_gettime),
        POSIX_FILTER_ALLOW(SYS_clock_nanosleep),
        POSIX_FILTER_ALLOW(SYS_geteuid),
        POSIX_FILTER_ALLOW(SYS_getuid),
        POSIX_FILTER_ALLOW(SYS_sysinfo),
        // Asked by libraries, and not needed.
        POSIX_FILTER_REFUSE(SYS_ioctl, ENOTTY),
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
