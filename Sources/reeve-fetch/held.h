// What is held in the folder of `reeve` (Sources/reeve/Keys/HeldCertificates.swift).
#include <stdbool.h>
#include <stddef.h>

enum { name_limit = 512 };

// Whether a certificate for the login on the host is held that counts now and for a while, and its key is in a file or in the
// ssh-agent. `stem` becomes the name of its files. No word on what a certificate of another kind than `reeve` fetches is.
bool is_held(const char *state, const char *login, const char *host, char stem[static name_limit]);

// The whole of a regular file, at most `limit` bytes; the number of bytes, or -1.
long load(const char *path, unsigned char *into, size_t limit);
