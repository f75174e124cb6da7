#include "stubs/delay.h"

#include <math.h>
#include <string.h>

#include "util/random.h"

int delay_read_fixed(struct json_reader *reader, const struct json_place *place, const cJSON *value,
                     void *target, int argument) {
    double milliseconds = 0;
    (void)argument;
    const struct json_member number = {.kind = JSON_NUMBER, .max = DELAY_MAX_MS};
    int r = json_members_read_one(reader, place, &number, value, &milliseconds);
    if (r == 0)
        *(struct delay *)target = (struct delay){.kind = DELAY_FIXED, .first = milliseconds};
    return r;
}

static const struct json_member fixed[] = {
    {"type", .kind = JSON_SKIPPED},
    {"milliseconds", JSON_NUMBER, .required = true, .offset = offsetof(struct delay, first),
     .max = DELAY_MAX_MS},
};
static const struct json_member uniform[] = {
    {"type", .kind = JSON_SKIPPED},
    {"lower", JSON_NUMBER, .required = true, .offset = offsetof(struct delay, first),
     .max = DELAY_MAX_MS},
    {"upper", JSON_NUMBER, .required = true, .offset = offsetof(struct delay, second),
     .max = DELAY_MAX_MS},
};
static const struct json_member lognormal[] = {
    {"type", .kind = JSON_SKIPPED},
    {"median", JSON_NUMBER, .required = true, .offset = offsetof(struct delay, first),
     .max = DELAY_MAX_MS},
    {"sigma", JSON_NUMBER, .required = true, .offset = offsetof(struct delay, second),
     .max = DELAY_MAX_MS},
    {"maxValue", JSON_NUMBER, .offset = offsetof(struct delay, max), .max = DELAY_MAX_MS},
};

int delay_read(struct json_reader *reader, const struct json_place *place, const cJSON *value,
               void *target, int argument) {
    static const struct {
        const char *type;
        enum delay_kind kind;
        struct json_object object;
    } kinds[] = {
        {"fixed", DELAY_FIXED, JSON_OBJECT(fixed)},
        {"uniform", DELAY_UNIFORM, JSON_OBJECT(uniform)},
        {"lognormal", DELAY_LOGNORMAL, JSON_OBJECT(lognormal)},
    };
    (void)argument;
    const char *type = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(value, "type"));
    for (size_t i = 0; type && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strcmp(kinds[i].type, type) != 0)
            continue;
        struct delay delay = {.kind = kinds[i].kind, .max = DELAY_MAX_MS};
        int r = json_members_read(reader, place, &kinds[i].object, value, &delay);
        if (r == 0 && delay.kind == DELAY_UNIFORM && delay.second < delay.first)
            r = violations_refuse(reader->violations, place,
                                  "has an upper bound below the lower one");
        if (r == 0)
            *(struct delay *)target = delay;
        return r;
    }
    return violations_refuse(reader->violations, place,
                             "must be an object with a type: fixed, uniform or lognormal");
}

/* The Box-Muller transform makes a normally distributed number. */
static double draw_lognormal(const struct delay *delay, uint64_t *random) {
    double u = 1.0 - random_share(random);
    double normal = sqrt(-2 * log(u)) * cos(2 * M_PI * random_share(random));
    double value = delay->first * exp(delay->second * normal);
    return value < delay->max ? value : delay->max; /* 0 * infinity is NaN, and gets the maximum */
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
        value = delay->first + (delay->second - delay->first) * random_share(random);
        break;
    case DELAY_LOGNORMAL:
        value = draw_lognormal(delay, random);
        break;
    }
    return value < DELAY_MAX_MS ? (int64_t)value : DELAY_MAX_MS;
}
