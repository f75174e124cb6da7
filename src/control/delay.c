#include "control/delay.h"

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
    if (!cJSON_IsNumber(member) || !(member->valuedouble >= 0) || member->valuedouble > 1e12)
        return matcher_refuse(parser, "must be a number from 0");
    *ret_number = member->valuedouble;
    matcher_leave(parser, mark);
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
        struct delay delay = {.kind = kinds[i].kind};
        int r = read_number(parser, json, kinds[i].first, &delay.first);
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
    return delay->max > 0 && value > delay->max ? delay->max : value;
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
