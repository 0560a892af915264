// The process that asks, mostly ssh, as far as its command line says what it wants.
#include <stdbool.h>

struct parent {
    bool is_ssh;
    // Only asks what it would do (-G), talks to a master (-O) or goes nowhere: nothing is fetched for it.
    bool is_question;
    // Its arguments say who to log in as, so that no later line of its configuration can.
    bool names_login;
    // The file of -F; NULL if the usual ones are read.
    const char *config;
};

struct parent parent_process(void);

// Whether a line of the configuration may yet say who to log in as, after the block of ours that is being read.
bool may_name_login(const char *config, const char *state);
