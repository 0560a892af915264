// A clock that a test sets: what the file named by TEST_CLOCK says, in seconds, is added to the time of day of reeved. What only
// grows is left alone, and so are the programs that reeved starts. Made for LD_PRELOAD, where faketime(1) does not do: its own
// constructor hides the arguments of a Swift program, and its semaphore belongs to the user that reeved was.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static long difference(void) {
    const char *file = getenv("TEST_CLOCK");
    if (!file || strcmp(program_invocation_short_name, "reeved") != 0) return 0;
    int number = open(file, O_RDONLY | O_CLOEXEC);
    char text[32] = {0};
    if (number < 0) return 0;
    if (read(number, text, sizeof text - 1) < 0) text[0] = 0;
    close(number);
    return atol(text);
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    int code = (int)syscall(SYS_clock_gettime, clock, time);
    int before = errno;
    if (code == 0 && clock == CLOCK_REALTIME) time->tv_sec += difference();
    errno = before;
    return code;
}
