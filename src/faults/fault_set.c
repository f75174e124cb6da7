#include "faults/fault_set.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum argument { ARGUMENT_NONE, ARGUMENT_COUNT, ARGUMENT_SHARE };

static const struct {
    const char *name;
    enum argument argument;
    double min, max, fallback;
    const char *word; /* what may follow the argument; "" is a number up to max_extra */
    int64_t min_extra, max_extra;
} profiles[N_PROFILES] = {
    [PROFILE_STALE_MEMBERS] = {"stale-members", ARGUMENT_COUNT, 1, 60000, 1000, NULL, 0, 0},
    [PROFILE_STALE_SEARCH] = {"stale-search", ARGUMENT_COUNT, 1, 60000, 1000, NULL, 0, 0},
    [PROFILE_LOST_UPDATE] = {"lost-update", ARGUMENT_COUNT, 1, 60000, 50, NULL, 0, 0},
    [PROFILE_HANG] = {"hang", ARGUMENT_COUNT, 1, 3600000, 10000, "", 1, 1000000},
    [PROFILE_RESTART] = {"restart", ARGUMENT_COUNT, 1, 3600000, 25000, "drop", 0, 0},
    [PROFILE_AUTH_NOT_READY] = {"auth-not-ready", ARGUMENT_COUNT, 1, 3600000, 60000, NULL, 0, 0},
    [PROFILE_FILTERS_IGNORED] = {"filters-ignored", ARGUMENT_NONE, 0, 0, 0, NULL, 0, 0},
    [PROFILE_SORT_500] = {"sort-500", ARGUMENT_NONE, 0, 0, 0, NULL, 0, 0},
    [PROFILE_LOCK_OUT] = {"lock-out", ARGUMENT_COUNT, 1, 100, 10, NULL, 0, 0},
    [PROFILE_LICENSE_LIMIT] = {"license-limit", ARGUMENT_COUNT, 1, 1e9, 0, NULL, 0, 0},
    [PROFILE_RATE_LIMIT] = {"rate-limit", ARGUMENT_COUNT, 1, 10000, 10, NULL, 0, 0},
    [PROFILE_FLAKY] = {"flaky", ARGUMENT_SHARE, 0, 1, 0.1, "", 0, 1000000000},
};

/* Digits, with a point among them when it is a share; nothing that strtod would take besides. */
static bool read_number(const char *text, size_t length, bool is_share, double *ret_value) {
    char digits[16];
    size_t valid = strspn(text, is_share ? "0123456789." : "0123456789");
    if (length == 0 || length >= sizeof(digits) || valid < length)
        return false;
    memcpy(digits, text, length);
    digits[length] = '\0';
    char *end;
    double value = strtod(digits, &end);
    if (*end)
        return false;
    *ret_value = value;
    return true;
}

static int refuse_argument(enum profile profile, char error[FAULT_ERROR_SIZE]) {
    const char *word = profiles[profile].word;
    if (profiles[profile].argument == ARGUMENT_NONE)
        snprintf(error, FAULT_ERROR_SIZE, "%s takes no argument", profiles[profile].name);
    else if (word && *word == '\0')
        snprintf(
            error, FAULT_ERROR_SIZE,
            "%s takes a number from %.0f to %.0f, which may be followed by : and one from %lld "
            "to %lld",
            profiles[profile].name, profiles[profile].min, profiles[profile].max,
            (long long)profiles[profile].min_extra, (long long)profiles[profile].max_extra);
    else
        snprintf(error, FAULT_ERROR_SIZE, "%s takes a number from %.0f to %.0f%s%s",
                 profiles[profile].name, profiles[profile].min, profiles[profile].max,
                 word ? ", which may be followed by :" : "", word ? word : "");
    return 1;
}

static bool read_extra(enum profile profile, const char *text, int64_t *ret_extra) {
    double value = 1;
    bool is_number = *profiles[profile].word == '\0';
    if (is_number ? !read_number(text, strlen(text), false, &value)
                  : strcmp(text, profiles[profile].word) != 0)
        return false;
    if (is_number && (value < (double)profiles[profile].min_extra ||
                      value > (double)profiles[profile].max_extra))
        return false;
    *ret_extra = (int64_t)value;
    return true;
}

/* `text` is what follows the equals sign, or NULL. */
static bool read_argument(enum profile profile, const char *text, struct fault *ret_fault) {
    struct fault fault = {
        .on = true, .value = profiles[profile].fallback, .extra = profiles[profile].min_extra};
    const char *colon = text && profiles[profile].word ? strchr(text, ':') : NULL;
    size_t length = colon ? (size_t)(colon - text) : text ? strlen(text) : 0;
    if (text &&
        (profiles[profile].argument == ARGUMENT_NONE ||
         !read_number(text, length, profiles[profile].argument == ARGUMENT_SHARE, &fault.value) ||
         fault.value < profiles[profile].min || fault.value > profiles[profile].max))
        return false;
    if (colon && !read_extra(profile, colon + 1, &fault.extra))
        return false;
    *ret_fault = fault;
    return true;
}

/* Long names are not repeated, since to cut them could break a character. */
static int refuse_name(const char *text, char error[FAULT_ERROR_SIZE]) {
    const char *name = strlen(text) < FAULT_TEXT_SIZE ? text : "...";
    int length = snprintf(error, FAULT_ERROR_SIZE, "'%s' is none of", name);
    for (size_t i = 0; i < N_PROFILES; i++)
        length += snprintf(error + length, FAULT_ERROR_SIZE - (size_t)length, "%s %s",
                           i == 0 ? "" : ",", profiles[i].name);
    return 1;
}

int fault_set_add(struct fault_set *set, const char *text, char error[FAULT_ERROR_SIZE]) {
    size_t length = strcspn(text, "=");
    for (size_t i = 0; i < N_PROFILES; i++) {
        if (strlen(profiles[i].name) != length || strncmp(profiles[i].name, text, length) != 0)
            continue;
        if (set->faults[i].on) {
            snprintf(error, FAULT_ERROR_SIZE, "%s is there twice", profiles[i].name);
            return 1;
        }
        const char *argument = text[length] ? text + length + 1 : NULL;
        return read_argument((enum profile)i, argument, &set->faults[i])
                   ? 0
                   : refuse_argument((enum profile)i, error);
    }
    return refuse_name(text, error);
}

int fault_set_parse(const char *list, struct fault_set *ret_set, char error[FAULT_ERROR_SIZE]) {
    struct fault_set set = {0};
    for (;;) {
        char text[FAULT_TEXT_SIZE] = "";
        size_t length = strcspn(list, ",");
        if (length < sizeof(text))
            memcpy(text, list, length);
        int r = fault_set_add(&set, length < sizeof(text) ? text : list, error);
        if (r != 0)
            return r;
        if (list[length] == '\0')
            break;
        list += length + 1;
    }
    *ret_set = set;
    return 0;
}

void fault_set_format(const struct fault_set *set, enum profile profile,
                      char out[FAULT_TEXT_SIZE]) {
    const struct fault *fault = &set->faults[profile];
    const char *word = profiles[profile].word;
    size_t length = (size_t)snprintf(out, FAULT_TEXT_SIZE, "%s", profiles[profile].name);
    if (profiles[profile].argument == ARGUMENT_NONE ||
        (profile == PROFILE_LICENSE_LIMIT && fault->value < 1))
        return;
    length += (size_t)snprintf(out + length, FAULT_TEXT_SIZE - length, "=%.15g", fault->value);
    if (word && *word == '\0')
        snprintf(out + length, FAULT_TEXT_SIZE - length, ":%lld", (long long)fault->extra);
    else if (word && fault->extra)
        snprintf(out + length, FAULT_TEXT_SIZE - length, ":%s", word);
}
