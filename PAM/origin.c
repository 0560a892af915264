#include "origin.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { file_limit = 8192, ancestors_limit = 64 };

// The whole of a small file of /proc, with a NUL behind it; its length, or -1.
static ssize_t load(const char *path, char *text) {
    const int file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (file < 0) return -1;
    size_t done = 0;
    ssize_t count = 1;
    while (count != 0 && done < file_limit) {
        count = read(file, text + done, file_limit - done);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) break;
        done += (size_t)count;
    }
    close(file);
    // A longer one would be understood wrongly.
    if (count != 0) return -1;
    text[done] = 0;
    return (ssize_t)done;
}

// Adds a file of /proc/PID, or an empty string.
static void add_file(struct frame *frame, unsigned pid, const char *name) {
    char path[64], text[file_limit + 1];
    snprintf(path, sizeof path, "/proc/%u/%s", pid, name);
    const ssize_t count = pid > 0 ? load(path, text) : -1;
    frame_string(frame, text, count > 0 ? (size_t)count : 0);
}

// Parent and start time of a process: fields 4 and 22 of /proc/PID/stat (proc(5)). The name before them may hold anything.
static bool look(unsigned pid, unsigned *parent, unsigned long long *start) {
    char path[64], text[file_limit + 1];
    snprintf(path, sizeof path, "/proc/%u/stat", pid);
    if (load(path, text) <= 0) return false;
    const char *behind = strrchr(text, ')');
    if (!behind) return false;
    char state;
    int at = 0;
    if (sscanf(behind + 1, " %c %u%n", &state, parent, &at) != 2) return false;
    const char *field = behind + 1 + at;
    for (int number = 5; number <= 22; number++) {
        field = strchr(field, ' ');
        if (!field) return false;
        field++;
    }
    char *end;
    errno = 0;
    *start = strtoull(field, &end, 10);
    return errno == 0 && end != field;
}

void origin_add(struct frame *frame) {
    const unsigned own = (unsigned)getpid();
    unsigned parent = 0;
    unsigned long long start = 0;
    if (!look(own, &parent, &start)) parent = 0;
    const char *files[] = {"sessionid", "cgroup"};
    for (int file = 0; file < 2; file++) {
        add_file(frame, own, files[file]);
        add_file(frame, parent, files[file]);
    }
    const size_t opened = frame_open(frame);
    unsigned pid = own;
    for (int count = 0; count < ancestors_limit && pid > 1 && look(pid, &parent, &start); count++) {
        frame_uint32(frame, pid);
        frame_uint64(frame, start);
        pid = parent;
    }
    frame_close(frame, opened);
}
