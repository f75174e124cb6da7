#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "templates/helper_tables.h"
#include "templates/letters.h"
#include "util/fatal.h"
#include "util/random.h"
#include "util/uuid.h"

#define DIGITS "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyz"

static const struct {
    const char *name;
    const char *alphabet; /* NULL: a UUID */
} types[] = {
    {"ALPHANUMERIC", LETTERS DIGITS},
    {"ALPHABETIC", LETTERS},
    {"NUMERIC", DIGITS},
    {"ALPHANUMERIC_AND_SYMBOLS", LETTERS DIGITS "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"},
    {"HEXADECIMAL", DIGITS "abcdef"},
    {"UUID", NULL},
};
enum { N_TYPES = sizeof(types) / sizeof(types[0]), DEFAULT_LENGTH = 36, MAX_LENGTH = 1 << 20 };

static size_t find_type(const char *name) {
    size_t i = 0;
    while (i < N_TYPES && strcmp(types[i].name, name) != 0)
        i++;
    return i;
}

#define TYPE_NAMES                                                                                 \
    "ALPHANUMERIC, ALPHABETIC, NUMERIC, ALPHANUMERIC_AND_SYMBOLS, HEXADECIMAL or UUID"

static int check_value(const struct call *call, struct arena *arena,
                       char reterr_error[SYNTAX_ERROR_SIZE]) {
    const char *name = syntax_option_text(call, "type");
    (void)arena;
    if (!name || find_type(name) < N_TYPES)
        return 0;
    snprintf(reterr_error, SYNTAX_ERROR_SIZE, "has the type '%.40s'; it may be " TYPE_NAMES, name);
    return 1;
}

static void make_uuid(struct evaluation *e, char *out) {
    unsigned char bytes[16];
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (unsigned char)random_below(&e->random, 256);
    uuid_format_random(bytes, out);
}

static int run_value(struct evaluation *e, const struct call *call, struct value *ret_value) {
    struct value type = {0};
    int64_t length = DEFAULT_LENGTH;
    bool is_upper = false;
    int r = evaluation_option(e, call, "type", &type);
    if (r == 0 && type.kind != VALUE_ABSENT)
        r = evaluation_text(e, call, &type, &type);
    if (r == 0)
        r = evaluation_option_integer(e, call, "length", &length);
    if (r == 0)
        r = evaluation_option_flag(e, call, "uppercase", &is_upper);
    if (r != 0)
        return r;
    size_t i = find_type(type.text ? type.text : types[0].name);
    if (i == N_TYPES)
        return evaluation_fail(e, call, "has no type '%.40s'; it may be " TYPE_NAMES, type.text);
    if (length < 0 || length > MAX_LENGTH)
        return evaluation_fail(e, call, "needs a length from 0 to %d", MAX_LENGTH);
    size_t size = types[i].alphabet ? (size_t)length : UUID_SIZE - 1;
    if (!budget_spend(e->room.budget, 1 + size / 4))
        return evaluation_check(e, call, 0);
    char *text = arena_alloc(e->room.arena, size + UUID_SIZE);
    if (!text)
        return FATAL(ENOMEM);
    if (!types[i].alphabet)
        make_uuid(e, text);
    for (size_t at = 0; types[i].alphabet && at < size; at++)
        text[at] = types[i].alphabet[random_below(&e->random, strlen(types[i].alphabet))];
    if (is_upper)
        letters_change(text, size, LETTERS_UPPER);
    *ret_value = value_of_bytes(text, size);
    return 0;
}

static int run_int(struct evaluation *e, const struct call *call, struct value *ret_value) {
    int64_t lower = INT32_MIN;
    int64_t upper = INT32_MAX;
    int r = evaluation_option_integer(e, call, "lower", &lower);
    if (r == 0)
        r = evaluation_option_integer(e, call, "upper", &upper);
    if (r == 0 && upper <= lower)
        return evaluation_fail(e, call, "needs an upper bound above the lower one");
    if (r != 0)
        return r;
    uint64_t distance = random_below(&e->random, (uint64_t)upper - (uint64_t)lower);
    *ret_value = value_of_integer(&e->room, (int64_t)((uint64_t)lower + distance));
    return 0;
}

static int read_decimal(struct evaluation *e, const struct call *call, const char *name,
                        double *ret_number) {
    struct value value = {0};
    char *end;
    int r = evaluation_option(e, call, name, &value);
    if (r != 0 || value.kind == VALUE_ABSENT)
        return r;
    r = evaluation_text(e, call, &value, &value);
    if (r != 0)
        return r;
    double number = strtod(value.text, &end);
    if (end == value.text || *end)
        return evaluation_fail(e, call, "needs a number as %s, not '%.40s'", name, value.text);
    *ret_number = number;
    return 0;
}

static int run_decimal(struct evaluation *e, const struct call *call, struct value *ret_value) {
    double lower = 4.9E-324;
    double upper = 1.7976931348623157E308;
    int r = read_decimal(e, call, "lower", &lower);
    if (r == 0)
        r = read_decimal(e, call, "upper", &upper);
    if (r == 0 && !(upper > lower))
        return evaluation_fail(e, call, "needs an upper bound above the lower one");
    if (r != 0)
        return r;
    double share = random_share(&e->random);
    *ret_value = value_of_double(&e->room, lower * (1 - share) + upper * share);
    return 0;
}

/* Lists what there is to choose from: the parameters, or the items of the only one. */
static int list_choices(struct evaluation *e, const struct call *call, struct value *ret_list) {
    struct value first = {0};
    struct value_cursor cursor = {0};
    int r = evaluation_param(e, call, 0, &first);
    if (r != 0)
        return r;
    bool is_list = call->n_params == 1 && value_is_list(&first);
    size_t count = is_list ? value_count(&e->room, &first) : call->n_params;
    struct value_item *items = arena_alloc(e->room.arena, count * sizeof(*items));
    if (!items)
        return FATAL(ENOMEM);
    for (size_t i = 0; r == 0 && i < count; i++) {
        if (is_list && value_next(&e->room, &first, &cursor))
            items[i].value = cursor.value;
        else if (!is_list)
            r = evaluation_param(e, call, i, &items[i].value);
    }
    if (r == 0)
        *ret_list = value_of_list(items, count);
    return r;
}

static int run_pick(struct evaluation *e, const struct call *call, struct value *ret_value) {
    struct value list = {0};
    int64_t wanted = 1;
    int r = list_choices(e, call, &list);
    if (r == 0)
        r = evaluation_option_integer(e, call, "count", &wanted);
    if (r == 0 && (list.count == 0 || wanted < 1))
        return evaluation_fail(e, call, "has nothing to pick from");
    struct value_item *picked =
        r == 0 ? arena_alloc(e->room.arena, list.count * sizeof(*picked)) : NULL;
    if (r != 0 || !picked)
        return r != 0 ? r : FATAL(ENOMEM);
    memcpy(picked, list.items, list.count * sizeof(*picked));
    size_t count = (uint64_t)wanted < list.count ? (size_t)wanted : list.count;
    for (size_t i = 0; i < count; i++) {
        size_t other = i + (size_t)random_below(&e->random, list.count - i);
        struct value_item item = picked[i];
        picked[i] = picked[other];
        picked[other] = item;
    }
    *ret_value = syntax_option(call, "count") ? value_of_list(picked, count) : picked[0].value;
    return 0;
}

const struct helper helpers_random[] = {
    {"randomValue", .run = run_value, .options = "length type uppercase", .check = check_value},
    {"randomInt", .run = run_int, .options = "lower upper"},
    {"randomDecimal", .run = run_decimal, .options = "lower upper"},
    {"pickRandom", .run = run_pick, .options = "count"},
    {.name = NULL},
};
