#include "faults/fault_set.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/nearest.h"

enum argument { ARGUMENT_NONE, ARGUMENT_COUNT, ARGUMENT_SHARE };

static const struct {
    const char *name;
    const char *usage; /* of the argument, for the help text */
    enum argument argument;
    double min, max, fallback;
    const char *word; /* what may follow the argument; "" means a number up to max_extra */
    int64_t min_extra, max_extra;
    const char *help;
} profiles[N_PROFILES] = {
    [PROFILE_STALE_MEMBERS] =
        {
            .name = "stale-members",
            .usage = "[=MS]",
            .argument = ARGUMENT_COUNT,
            .min = 1,
            .max = 60000,
            .fallback = 1000,
            .help = "group members are listed as they were MS ago",
        },
    [PROFILE_STALE_SEARCH] =
        {
            .name = "stale-search",
            .usage = "[=MS]",
            .argument = ARGUMENT_COUNT,
            .min = 1,
            .max = 60000,
            .fallback = 1000,
            .help = "all other listings are as they were MS ago",
        },
    [PROFILE_LOST_UPDATE] =
        {
            .name = "lost-update",
            .usage = "[=MS]",
            .argument = ARGUMENT_COUNT,
            .min = 1,
            .max = 60000,
            .fallback = 50,
            .help = "a membership write takes MS; another one that begins meanwhile is lost",
        },
    [PROFILE_LOST_TOKEN] =
        {
            .name = "lost-token",
            .usage = "[=MS]",
            .argument = ARGUMENT_COUNT,
            .min = 1,
            .max = 60000,
            .fallback = 50,
            .help = "a new token is lost when its user's password changes within MS",
        },
    [PROFILE_HANG] =
        {
            .name = "hang",
            .usage = "[=MS[:N]]",
            .argument = ARGUMENT_COUNT,
            .min = 1,
            .max = 3600000,
            .fallback = 10000,
            .word = "",
            .min_extra = 1,
            .max_extra = 1000000,
            .help = "every request, or every Nth, is delayed by MS",
        },
    [PROFILE_RESTART] =
        {
            .name = "restart",
            .usage = "[=MS[:drop]]",
            .argument = ARGUMENT_COUNT,
            .min = 1,
            .max = 3600000,
            .fallback = 25000,
            .word = "drop",
            .help = "connections are reset for MS; drop also resets the state",
        },
    [PROFILE_AUTH_NOT_READY] =
        {
            .name = "auth-not-ready",
            .usage = "[=MS]",
            .argument = ARGUMENT_COUNT,
            .min = 1,
            .max = 3600000,
            .fallback = 60000,
            .help = "all credentials are refused for MS",
        },
    [PROFILE_FILTERS_IGNORED] =
        {
            .name = "filters-ignored",
            .usage = "",
            .argument = ARGUMENT_NONE,
            .help = "filters have no effect",
        },
    [PROFILE_SORT_500] =
        {
            .name = "sort-500",
            .usage = "",
            .argument = ARGUMENT_NONE,
            .help = "sorting users by username, or members at all, fails with 500",
        },
    [PROFILE_LOCK_OUT] =
        {
            .name = "lock-out",
            .usage = "[=N]",
            .argument = ARGUMENT_COUNT,
            .min = 1,
            .max = 100,
            .fallback = 10,
            .help = "N failed logins lock a user out for 30 minutes",
        },
    [PROFILE_LICENSE_LIMIT] =
        {
            .name = "license-limit",
            .usage = "[=N]",
            .argument = ARGUMENT_COUNT,
            .min = 1,
            .max = 1e9,
            .help = "creating users beyond N, or the present number, is refused with 403",
        },
    [PROFILE_RATE_LIMIT] =
        {
            .name = "rate-limit",
            .usage = "[=N]",
            .argument = ARGUMENT_COUNT,
            .min = 1,
            .max = 10000,
            .fallback = 10,
            .help = "requests beyond N per second are refused with 429",
        },
    [PROFILE_FLAKY] =
        {
            .name = "flaky",
            .usage = "[=P[:SEED]]",
            .argument = ARGUMENT_SHARE,
            .max = 1,
            .fallback = 0.1,
            .word = "",
            .max_extra = 1000000000,
            .help = "a share P of all requests fails with 503",
        },
};

/* Accepts only digits, and a point in a share. strtod alone would accept more. */
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

static int refuse_argument(enum profile profile, char reterr_error[FAULT_ERROR_SIZE]) {
    const char *word = profiles[profile].word;
    if (profiles[profile].argument == ARGUMENT_NONE)
        snprintf(reterr_error, FAULT_ERROR_SIZE, "%s takes no argument", profiles[profile].name);
    else if (word && *word == '\0')
        snprintf(
            reterr_error, FAULT_ERROR_SIZE,
            "%s takes a number from %.0f to %.0f, optionally followed by : and a number from %lld "
            "to %lld",
            profiles[profile].name, profiles[profile].min, profiles[profile].max,
            (long long)profiles[profile].min_extra, (long long)profiles[profile].max_extra);
    else
        snprintf(reterr_error, FAULT_ERROR_SIZE, "%s takes a number from %.0f to %.0f%s%s",
                 profiles[profile].name, profiles[profile].min, profiles[profile].max,
                 word ? ", optionally followed by :" : "", word ? word : "");
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

/* `text` is the part after the equals sign, or NULL. */
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

/* Does not quote a long name, since truncating it could split a character. */
static int refuse_name(const char *text, char reterr_error[FAULT_ERROR_SIZE]) {
    const char *name = strlen(text) < FAULT_TEXT_SIZE ? text : "...";
    char bare[FAULT_TEXT_SIZE];
    char hint[NEAREST_HINT_SIZE];
    struct nearest nearest = {.text = bare};
    snprintf(bare, sizeof(bare), "%.*s", (int)strcspn(name, "=:"), name);
    int length = snprintf(reterr_error, FAULT_ERROR_SIZE, "'%s' is not one of", name);
    for (size_t i = 0; i < N_PROFILES; i++) {
        length += snprintf(reterr_error + length, FAULT_ERROR_SIZE - (size_t)length, "%s %s",
                           i == 0 ? "" : ",", profiles[i].name);
        nearest_offer(&nearest, profiles[i].name);
    }
    nearest_hint(&nearest, "", hint);
    snprintf(reterr_error + length, FAULT_ERROR_SIZE - (size_t)length, "%s", hint);
    return 1;
}

int fault_set_add(struct fault_set *set, const char *text, char reterr_error[FAULT_ERROR_SIZE]) {
    size_t length = strcspn(text, "=");
    for (size_t i = 0; i < N_PROFILES; i++) {
        if (strlen(profiles[i].name) != length || strncmp(profiles[i].name, text, length) != 0)
            continue;
        if (set->faults[i].on) {
            snprintf(reterr_error, FAULT_ERROR_SIZE, "%s must not appear twice", profiles[i].name);
            return 1;
        }
        const char *argument = text[length] ? text + length + 1 : NULL;
        return read_argument((enum profile)i, argument, &set->faults[i])
                   ? 0
                   : refuse_argument((enum profile)i, reterr_error);
    }
    return refuse_name(text, reterr_error);
}

int fault_set_parse(const char *list, struct fault_set *ret_set,
                    char reterr_error[FAULT_ERROR_SIZE]) {
    struct fault_set set = {0};
    for (;;) {
        char text[FAULT_TEXT_SIZE] = "";
        size_t length = strcspn(list, ",");
        if (length < sizeof(text))
            memcpy(text, list, length);
        int r = fault_set_add(&set, length < sizeof(text) ? text : list, reterr_error);
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

const char *fault_set_name(enum profile profile) {
    return profiles[profile].name;
}

const char *fault_set_usage(enum profile profile) {
    return profiles[profile].usage;
}

const char *fault_set_help(enum profile profile) {
    return profiles[profile].help;
}

void fault_set_print_help(FILE *out) {
    for (size_t i = 0; i < N_PROFILES; i++) {
        char left[FAULT_TEXT_SIZE];
        snprintf(left, sizeof(left), "%s%s", profiles[i].name, profiles[i].usage);
        fprintf(out, "  %-23s %s", left, profiles[i].help);
        if (profiles[i].fallback > 0)
            fprintf(out, "; default %.15g", profiles[i].fallback);
        fputc('\n', out);
    }
}
