#include "stubs/delay.h"

#include <math.h>
#include <string.h>

/* splitmix64, whose high 53 bits fill a double. */
double delay_random(uint64_t *random) {
    uint64_t z = *random += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (double)((z ^ z >> 31) >> 11) / 9007199254740992.0;
}

static int read_number(struct matcher_parser *parser, const cJSON *json, const char *name,
                       double *ret_number) {
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(json, name);
    size_t mark = matcher_enter(parser, name, 0);
    double number = cJSON_IsNumber(member) ? member->valuedouble : -1;
    if (!(number >= 0 && number <= DELAY_MAX_MS))
        return matcher_refuse(parser, "must be a number from 0 to %d", DELAY_MAX_MS);
    *ret_number = number;
    matcher_leave(parser, mark);
    return 0;
}

static bool is_name(const char *name, const char *text) {
    return text && strcmp(name, text) == 0;
}

/* What is misspelt would otherwise count as not there. */
static int check_members(struct matcher_parser *parser, const cJSON *json, const char *first,
                         const char *second, const char *third) {
    const cJSON *member;
    cJSON_ArrayForEach (member, json) {
        const char *name = member->string;
        if (is_name(name, "type") || is_name(name, first) || is_name(name, second) ||
            is_name(name, third) || cJSON_IsNull(member))
            continue;
        matcher_enter(parser, name, 0);
        return matcher_refuse(parser, "is not known");
    }
    return 0;
}

int delay_parse(struct matcher_parser *parser, const cJSON *json, struct delay *ret_delay) {
    static const struct {
        const char *type;
        enum delay_kind kind;
        const char *first;
        const char *second; /* or NULL */
    } kinds[] = {
        {"fixed", DELAY_FIXED, "milliseconds", NULL},
        {"uniform", DELAY_UNIFORM, "lower", "upper"},
        {"lognormal", DELAY_LOGNORMAL, "median", "sigma"},
    };
    const char *type = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "type"));
    for (size_t i = 0; type && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strcmp(kinds[i].type, type) != 0)
            continue;
        struct delay delay = {.kind = kinds[i].kind, .max = DELAY_MAX_MS};
        int r = check_members(parser, json, kinds[i].first, kinds[i].second,
                              kinds[i].kind == DELAY_LOGNORMAL ? "maxValue" : NULL);
        if (r == 0)
            r = read_number(parser, json, kinds[i].first, &delay.first);
        if (r == 0 && kinds[i].second)
            r = read_number(parser, json, kinds[i].second, &delay.second);
        const cJSON *max = cJSON_GetObjectItemCaseSensitive(json, "maxValue");
        if (r == 0 && max && !cJSON_IsNull(max))
            r = read_number(parser, json, "maxValue", &delay.max);
        if (r == 0 && delay.kind == DELAY_UNIFORM && delay.second < delay.first)
            r = matcher_refuse(parser, "has an upper bound below the lower one");
        if (r == 0)
            *ret_delay = delay;
        return r;
    }
    return matcher_refuse(parser, "must be an object with a type: fixed, uniform or lognormal");
}

/* Box and Muller's way to a normal number. */
static double draw_lognormal(const struct delay *delay, uint64_t *random) {
    double u = 1.0 - delay_random(random);
    double normal = sqrt(-2 * log(u)) * cos(2 * M_PI * delay_random(random));
    double value = delay->first * exp(delay->second * normal);
    return value < delay->max ? value : delay->max; /* a NaN, too: nothing times infinity */
}

int64_t delay_draw(const struct delay *delay, uint64_t *random) {
    double value = 0;
    switch (delay->kind) {
    case DELAY_NONE:
        return 0;
    case DELAY_FIXED:
        value = delay->first;
        break;
    case DELAY_UNIFORM:
        value = delay->first + (delay->second - delay->first) * delay_random(random);
        break;
    case DELAY_LOGNORMAL:
        value = draw_lognormal(delay, random);
        break;
    }
    return value < DELAY_MAX_MS ? (int64_t)value : DELAY_MAX_MS;
}
