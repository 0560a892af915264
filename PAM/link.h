// One question to reeve-agent, on its socket, within five seconds.
#pragma once
#include "wire.h"

enum { sentence_limit = 512 };

struct answer {
    bool yes;
    // Why not, from the agent or from here; printable ASCII.
    char sentence[sentence_limit + 1];
};

// Sends the frame and reads the answer; whatever goes wrong is no.
struct answer link_ask(const char *path, const struct frame *frame);
