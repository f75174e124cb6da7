/* The fault profiles that are on, and their text format: NAME, NAME=ARG or NAME=ARG:MORE. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum profile {
    PROFILE_STALE_MEMBERS,
    PROFILE_STALE_SEARCH,
    PROFILE_LOST_UPDATE,
    PROFILE_LOST_TOKEN,
    PROFILE_HANG,
    PROFILE_RESTART,
    PROFILE_AUTH_NOT_READY,
    PROFILE_FILTERS_IGNORED,
    PROFILE_SORT_500,
    PROFILE_LOCK_OUT,
    PROFILE_LICENSE_LIMIT,
    PROFILE_RATE_LIMIT,
    PROFILE_FLAKY,
    N_PROFILES,
};

struct fault {
    bool on;
    double value;  /* milliseconds, a number or a share. For PROFILE_LICENSE_LIMIT, 0 means the
                    * number of users at the time it is turned on. */
    int64_t extra; /* hang: delay every Nth request; restart: whether to drop the state; flaky:
                    * seed */
};

/* All zero: no profile is on. */
struct fault_set {
    struct fault faults[N_PROFILES];
};

enum { FAULT_ERROR_SIZE = 320, FAULT_TEXT_SIZE = 64 };

/* Turns a profile on. Returns 0, or >0 and an error message in `reterr_error`; the set is then
 * unchanged. */
int fault_set_add(struct fault_set *set, const char *text, char reterr_error[FAULT_ERROR_SIZE]);

/* Parses a comma-separated list in the same way. */
int fault_set_parse(const char *list, struct fault_set *ret_set,
                    char reterr_error[FAULT_ERROR_SIZE]);

/* Writes a profile that is on, with all its arguments, in the format of fault_set_add. */
void fault_set_format(const struct fault_set *set, enum profile profile, char out[FAULT_TEXT_SIZE]);

/* What the help text says of a profile; the usage is of its argument. */
const char *fault_set_name(enum profile profile);
const char *fault_set_usage(enum profile profile);
const char *fault_set_help(enum profile profile);

/* Prints the list of profiles for the help text. */
void fault_set_print_help(FILE *out);
