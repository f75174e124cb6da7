#include "stubs/settings.h"

#include <errno.h>

#include "json/json.h"
#include "json/json_members.h"
#include "stubs/scalars.h"
#include "util/fatal.h"

void settings_deinit(struct settings *settings) {
    cJSON_Delete(settings->json);
    *settings = (struct settings){0};
}

static int refuse_memory(struct violations *violations, const struct json_place *place) {
    return violations_refuse(violations, place, "takes more than %d bytes of memory",
                             SETTINGS_MAX_BYTES);
}

/* Reads the two delays. All other members belong to the client. */
static int read_delays(const cJSON *json, struct settings *settings,
                       struct violations *violations) {
    static const struct json_member members[] = {
        {"fixedDelay", JSON_CUSTOM, .offset = offsetof(struct settings, fixed_delay),
         .read = delay_read_fixed},
        {"delayDistribution", JSON_CUSTOM, .offset = offsetof(struct settings, delay),
         .read = delay_read},
    };
    static const struct json_object object = JSON_OPEN_OBJECT(members);
    struct json_reader reader = {.violations = violations};
    if (json_memory(json) > SETTINGS_MAX_BYTES)
        return refuse_memory(violations, &json_root);
    int r = json_members_read(&reader, &json_root, &object, json, settings);
    const char *flaw = json_find_flaw(json);
    return r == 0 && flaw ? violations_refuse(violations, &json_root, "%s", flaw) : r;
}

int settings_read(cJSON *json, struct violations *violations, struct settings *ret_settings) {
    struct settings settings = {.json = json};
    int r = json ? scalars_convert(json) : FATAL(ENOMEM);
    if (r == 0)
        r = read_delays(json, &settings, violations);
    if (r == 0)
        *ret_settings = settings;
    else
        cJSON_Delete(json);
    return r;
}

cJSON *settings_copy(const struct settings *settings) {
    return settings->json ? cJSON_Duplicate(settings->json, true) : cJSON_CreateObject();
}

/* Returns false when memory is out. */
static bool add_extended(cJSON *settings, const cJSON *members) {
    cJSON *extended = cJSON_GetObjectItemCaseSensitive(settings, "extended");
    const cJSON *member;
    if (!cJSON_IsObject(extended)) {
        cJSON_DeleteItemFromObjectCaseSensitive(settings, "extended");
        extended = cJSON_AddObjectToObject(settings, "extended");
    }
    cJSON_ArrayForEach (member, members) {
        cJSON_DeleteItemFromObjectCaseSensitive(extended, member->string);
        cJSON *copy = cJSON_Duplicate(member, true);
        if (!cJSON_AddItemToObject(extended, member->string, copy)) {
            cJSON_Delete(copy);
            return false;
        }
    }
    return extended != NULL;
}

int settings_extend(const struct settings *settings, const cJSON *members,
                    struct violations *violations, struct settings *ret_settings) {
    const struct json_place place = json_place_member(&json_root, "extended");
    if (json_memory(members) > SETTINGS_MAX_BYTES)
        return refuse_memory(violations, &place);
    cJSON *json = settings_copy(settings);
    if (json && add_extended(json, members))
        return settings_read(json, violations, ret_settings);
    cJSON_Delete(json);
    return FATAL(ENOMEM);
}
