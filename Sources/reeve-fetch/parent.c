#include "parent.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "held.h"

enum { line_limit = 131072, config_limit = 262144 };

static char words[line_limit + 1];
static unsigned char config_text[config_limit];

// The letters of OpenSSH, as in Sources/AuthorityClient/SSH/SSHCommandLine.swift.
static const char with_value[] = "BbcDEeFIiJLlmOopQRSWw", elsewhere[] = "GOQV";

// `/proc` does not tell the size of what it shows.
static long load_process(int pid, const char *name, char *into, size_t limit) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
    return load(path, (unsigned char *)into, limit);
}

static bool is_ssh(int pid) {
    char path[64], program[PATH_MAX];
    snprintf(path, sizeof path, "/proc/%d/exe", pid);
    const ssize_t count = readlink(path, program, sizeof program - 1);
    if (count <= 0) return false;
    program[count] = 0;
    const char *slash = strrchr(program, '/');
    return slash && (strcmp(slash, "/ssh") == 0 || strcmp(slash, "/ssh (deleted)") == 0);
}

static bool is_user_option(const char *value) {
    return strncasecmp(value, "user", 4) == 0 && value[4] && strchr("= \t", value[4]);
}

struct reader {
    char *next, *end;
    struct parent *parent;
    bool has_host;
};

static char *take(struct reader *reader) {
    if (reader->next >= reader->end) return NULL;
    char *word = reader->next;
    reader->next += strlen(word) + 1;
    return word;
}

static void read_options(struct reader *reader, const char *letters) {
    for (const char *letter = letters; *letter; letter++) {
        if (strchr(elsewhere, *letter)) reader->parent->is_question = true;
        if (!strchr(with_value, *letter)) continue;
        const char *value = letter[1] ? letter + 1 : take(reader);
        if (!value) return;
        if (*letter == 'F') reader->parent->config = value;
        if (*letter == 'l' || (*letter == 'o' && is_user_option(value))) reader->parent->names_login = true;
        return;
    }
}

// Options, the host, options again, then the command.
static void read_words(struct reader *reader) {
    for (char *word; (word = take(reader));) {
        const bool is_end = strcmp(word, "--") == 0;
        if (!is_end && word[0] == '-' && word[1]) {
            read_options(reader, word + 1);
            continue;
        }
        if (reader->has_host) return;
        if (is_end) word = take(reader);
        if (!word) return;
        reader->has_host = true;
        if (strchr(word, '@')) reader->parent->names_login = true;
        if (is_end) return;
    }
}

struct parent parent_process(void) {
    struct parent parent = {0};
    const int pid = getppid();
    if (!is_ssh(pid)) return parent;
    parent.is_ssh = true;
    // What is longer is not understood: nothing is named, so that the configuration decides.
    const long count = load_process(pid, "cmdline", words, line_limit);
    if (count <= 0) return parent;
    words[count] = 0;
    struct reader reader = {.next = words, .end = words + count, .parent = &parent};
    take(&reader);
    read_words(&reader);
    if (!reader.has_host) parent.is_question = true;
    return parent;
}

// Whether a file has a line that begins with `User`, or takes in another file than ours.
static bool names_login(const char *path, const char *state) {
    const long count = load(path, config_text, sizeof config_text - 1);
    if (count < 0) return access(path, F_OK) == 0;
    config_text[count] = 0;
    for (char *line = (char *)config_text; line; line = strchr(line, '\n')) {
        line += strspn(line, " \t\n\r\"");
        char *end = strpbrk(line, "\n");
        if (strncasecmp(line, "user", 4) == 0 && line[4] && strchr("= \t\"", line[4])) return true;
        if (!state || strncasecmp(line, "include", 7) != 0) continue;
        const char *ours = strstr(line, state);
        if (!ours || (end && ours > end)) return true;
    }
    return false;
}

bool may_name_login(const char *config, const char *state) {
    if (config) return strcmp(config, "none") != 0 && names_login(config, state);
    char path[PATH_MAX];
    const char *home = getenv("HOME");
    if (!home || (size_t)snprintf(path, sizeof path, "%s/.ssh/config", home) >= sizeof path) return true;
    return names_login(path, state) || names_login("/etc/ssh/ssh_config", NULL);
}
