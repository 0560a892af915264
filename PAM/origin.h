// Where this process comes from, by which the agent finds the login session that it belongs to.
#pragma once
#include "wire.h"

// Adds audit session and cgroup of this process and of its parent, then its line of ancestors, itself first. What the
// kernel does not say stays empty: then the agent finds no session.
void origin_add(struct frame *frame);
