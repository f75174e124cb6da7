#include "stubs/scalars.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "json/json.h"
#include "json/json_number.h"
#include "util/fatal.h"

enum kind { NUMBER, BOOLEAN, TEXT };

static const struct {
    const char *path[3];
    enum kind kind;
} scalars[] = {
    {{"name"}, TEXT},
    {{"priority"}, NUMBER},
    {{"insertionIndex"}, NUMBER},
    {{"persistent"}, BOOLEAN},
    {{"scenarioName"}, TEXT},
    {{"requiredScenarioState"}, TEXT},
    {{"newScenarioState"}, TEXT},
    {{"fixedDelay"}, NUMBER}, /* of settings, and the next ones */
    {{"delayDistribution", "milliseconds"}, NUMBER},
    {{"delayDistribution", "lower"}, NUMBER},
    {{"delayDistribution", "upper"}, NUMBER},
    {{"delayDistribution", "median"}, NUMBER},
    {{"delayDistribution", "sigma"}, NUMBER},
    {{"delayDistribution", "maxValue"}, NUMBER},
    {{"request", "port"}, NUMBER},
    {{"response", "status"}, NUMBER},
    {{"response", "statusMessage"}, TEXT},
    {{"response", "body"}, TEXT},
    {{"response", "bodyFileName"}, TEXT},
    {{"response", "fixedDelayMilliseconds"}, NUMBER},
    {{"response", "fromConfiguredStub"}, BOOLEAN},
    {{"response", "delayDistribution", "milliseconds"}, NUMBER},
    {{"response", "delayDistribution", "lower"}, NUMBER},
    {{"response", "delayDistribution", "upper"}, NUMBER},
    {{"response", "delayDistribution", "median"}, NUMBER},
    {{"response", "delayDistribution", "sigma"}, NUMBER},
    {{"response", "delayDistribution", "maxValue"}, NUMBER},
    {{"response", "chunkedDribbleDelay", "numberOfChunks"}, NUMBER},
    {{"response", "chunkedDribbleDelay", "totalDuration"}, NUMBER},
};
enum { N_SCALARS = sizeof(scalars) / sizeof(scalars[0]), MAX_LEVELS = 3 };

static cJSON *find(cJSON *mapping, const char *const path[MAX_LEVELS]) {
    for (size_t i = 0; i < MAX_LEVELS && path[i]; i++)
        mapping = cJSON_GetObjectItemCaseSensitive(mapping, path[i]);
    return mapping;
}

/* Puts the value, which may be NULL when memory is out, in the place of the other. */
static int become(cJSON *value, cJSON *replacement) {
    if (!replacement)
        return FATAL(ENOMEM);
    free(value->valuestring);
    value->type = replacement->type;
    value->valuedouble = replacement->valuedouble;
    value->valueint = replacement->valueint;
    value->valuestring = replacement->valuestring;
    replacement->valuestring = NULL;
    cJSON_Delete(replacement);
    return 0;
}

static int to_number(cJSON *value) {
    struct json_error error;
    cJSON *number = NULL;
    if (!cJSON_IsString(value))
        return 0;
    int r = json_parse(value->valuestring, strlen(value->valuestring), &number, &error);
    if (r == 0 && cJSON_IsNumber(number))
        return become(value, number);
    cJSON_Delete(number);
    return r < 0 ? r : 0;
}

static int to_boolean(cJSON *value) {
    const char *text = cJSON_GetStringValue(value);
    if (!text || (strcmp(text, "true") != 0 && strcmp(text, "false") != 0))
        return 0;
    return become(value, cJSON_CreateBool(strcmp(text, "true") == 0));
}

static int to_text(cJSON *value) {
    char buffer[JSON_NUMBER_SIZE];
    if (cJSON_IsBool(value))
        return become(value, cJSON_CreateString(cJSON_IsTrue(value) ? "true" : "false"));
    if (cJSON_IsNumber(value))
        return become(value, cJSON_CreateString(json_number_text(value, buffer)));
    return 0;
}

int scalars_convert(cJSON *mapping) {
    int r = 0;
    for (size_t i = 0; i < N_SCALARS && r == 0; i++) {
        cJSON *value = find(mapping, scalars[i].path);
        if (!value)
            continue;
        r = scalars[i].kind == NUMBER    ? to_number(value)
            : scalars[i].kind == BOOLEAN ? to_boolean(value)
                                         : to_text(value);
    }
    return r;
}
