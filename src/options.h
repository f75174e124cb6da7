/* The table of the options of `kestub serve`. config.h reads them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OPTION_RUNNING "running" /* an instant that is none */

enum option_type {
    OPTION_TEXT,
    OPTION_NAMES,
    OPTION_ORIGINS,
    OPTION_NUMBER,
    OPTION_SIZE,
    OPTION_CHOICE,
    OPTION_INSTANT
};

struct option {
    const char *name;
    const char *variable;
    enum option_type type;
    bool may_be_missing; /* the fallback is only for the help */
    const char *value;   /* in the help */
    const char *fallback;
    const char *implied;        /* the value of the flag alone; NULL: the flag needs one */
    int64_t min, max;           /* of numbers and sizes */
    const char *const *choices; /* in the order of their enum, ends with NULL */
    size_t offset;              /* of a const char * or an int64_t */
    const char *help;
};

extern const struct option options[];
extern const size_t options_count;

/* Returns the option with this name, without its hyphens, or NULL. */
const struct option *options_find(const char *name, size_t length);
