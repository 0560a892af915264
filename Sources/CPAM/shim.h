// What an application calls of libpam (pam(3)).
#pragma once
#include <security/pam_appl.h>
#include <stdlib.h>
#include <string.h>

static inline void keyreeve_no_delay(int code, unsigned microseconds, void *context) {
    (void)code; (void)microseconds; (void)context;
}

// Modules ask for a pause after a failure (pam_fail_delay(3)); here none is made: the authority answers refusals in a
// time of its own, and a worker is not kept for it.
static inline int keyreeve_without_delay(pam_handle_t *handle) {
    return pam_set_item(handle, PAM_FAIL_DELAY, (const void *)keyreeve_no_delay);
}
