/* Which fault profiles are on, and how people write them: NAME, NAME=ARG or NAME=ARG:MORE. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum profile {
    PROFILE_STALE_MEMBERS,
    PROFILE_STALE_SEARCH,
    PROFILE_LOST_UPDATE,
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
    double value;  /* milliseconds, a number or a share; 0 with PROFILE_LICENSE_LIMIT: as many users
                      as there are when it is turned on */
    int64_t extra; /* hang: every how many requests; restart: whether state is lost; flaky: seed */
};

/* All zero has none on. */
struct fault_set {
    struct fault faults[N_PROFILES];
};

enum { FAULT_ERROR_SIZE = 320, FAULT_TEXT_SIZE = 64 };

/* Turns one on. 0; >0 and what is wrong with it in `reterr_error`, and the set is as it was. */
int fault_set_add(struct fault_set *set, const char *text, char reterr_error[FAULT_ERROR_SIZE]);

/* The same for a list with commas. */
int fault_set_parse(const char *list, struct fault_set *ret_set,
                    char reterr_error[FAULT_ERROR_SIZE]);

/* Writes a profile that is on, with all its arguments, as fault_set_add takes it. */
void fault_set_format(const struct fault_set *set, enum profile profile, char out[FAULT_TEXT_SIZE]);

/* The profiles' part of the help text. */
void fault_set_print_help(FILE *out);
