#include "sandbox/fixture_parts.h"

#include "sandbox/fixture_prune.h"
#include "util/text.h"
#include "util/timestamp.h"

enum { MAX_QUOTED = 200 };

const char *fixture_text(const cJSON *object, const char *name, const char *fallback) {
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, name);
    return member ? member->valuestring : fallback;
}

bool fixture_is_true(const cJSON *object, const char *name) {
    return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(object, name));
}

bool fixture_has_privilege(const cJSON *object) {
    return fixture_is_true(object, "superAdmin") || fixture_is_true(object, "instanceOwner");
}

int64_t fixture_instant(const cJSON *object, const char *name, int64_t fallback) {
    const char *text = fixture_text(object, name, NULL);
    if (text)
        timestamp_parse(text, &fallback);
    return fallback;
}

const char *fixture_id(const cJSON *object, char made[FRIENDLY_ID_SIZE]) {
    const char *id = fixture_text(object, "id", NULL);
    if (id)
        return id;
    friendly_id_make(made);
    return made;
}

void fixture_enter_tenant(struct loader *loader, const cJSON *tenant, int64_t pk) {
    loader->tenant = fixture_text(tenant, "id", "");
    loader->tenant_pk = pk;
}

int fixture_note(struct loader *loader, const struct json_place *place, const char *problem,
                 const char *value) {
    int r = violations_refuse(loader->violations, place, "'%.*s' %s",
                              (int)text_cut(value, MAX_QUOTED), value, problem);
    return r < 0 ? r : 0;
}

int fixture_note_unknown(struct loader *loader, const struct json_place *place, const char *problem,
                         const char *tenant, const char *list, const char *id) {
    return fixture_prune_may_hide(loader->whole, tenant, list, id)
               ? 0
               : fixture_note(loader, place, problem, list ? id : tenant);
}

int fixture_load_list(struct loader *loader, const cJSON *object, const char *name,
                      const struct json_place *place, int64_t owner_pk, fixture_load_entry load) {
    const struct json_place list = json_place_member(place, name);
    const cJSON *entry;
    size_t i = 0;
    int r = 0;
    cJSON_ArrayForEach (entry, cJSON_GetObjectItemCaseSensitive(object, name)) {
        const struct json_place element = json_place_element(&list, i++);
        if (r == 0)
            r = cancellation_check_growth(loader->cancellation, SIZE_MAX);
        if (r == 0 && loader->violations->count < VIOLATIONS_KEPT && !cJSON_IsNull(entry))
            r = load(loader, entry, owner_pk, &element);
    }
    return r;
}
