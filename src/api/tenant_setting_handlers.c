/* The catalog of apps, logo and default dashboards of a tenant. All are members of its details. */
#include <errno.h>
#include <string.h>

#include "api/answer.h"
#include "contract_input.h"
#include "iam/tenants.h"
#include "json/json.h"
#include "json/json_print.h"
#include "util/cleanup.h"
#include "util/fatal.h"

/* Where settings are in the details. */
static const char *const in_details[] = {NULL};
static const char *const in_catalog[] = {"appCatalogConfig", NULL};
static const char *const in_dashboards[] = {"settings", "dashboard", NULL};

static const char *const look[] = {
    "title", "titleColor", "primaryColor", "backgroundColor", "tileColor", "buttonTextColor", NULL};
static const char *const look_with_logo[] = {
    "title",     "titleColor",      "primaryColor", "backgroundColor",
    "tileColor", "buttonTextColor", "logo",         NULL};
static const char *const logo[] = {"logo", NULL};
static const char *const dashboards[] = {"defaultHomeDashboard", "defaultFlowOverviewDashboard",
                                         "defaultNamespaceOverviewDashboard", NULL};

/* Texts to set in a member of the details. */
struct setting {
    const char *const *place;
    const char *const *names; /* of the texts; ends with NULL */
    cJSON *values;            /* has the new texts; the others are deleted. NULL: has none */
};

/* Returns the object to change, or NULL when memory is out. Something else in its place gives way.
 */
static cJSON *make_place(cJSON *target, const char *const *place) {
    for (; target && *place; place++) {
        cJSON *inner = cJSON_GetObjectItemCaseSensitive(target, *place);
        if (!cJSON_IsObject(inner)) {
            cJSON_DeleteItemFromObjectCaseSensitive(target, *place);
            inner = cJSON_AddObjectToObject(target, *place);
        }
        target = inner;
    }
    return target;
}

static const char *text_of(const cJSON *values, const char *name) {
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(values, name));
}

/* Returns false when memory is out. */
static bool set_texts(cJSON *target, const struct setting *setting) {
    const char *const *name;
    bool done = target != NULL;
    for (name = setting->names; done && *name; name++)
        cJSON_DeleteItemFromObjectCaseSensitive(target, *name);
    for (name = setting->names; done && *name; name++) {
        const char *text = text_of(setting->values, *name);
        done = !text || cJSON_AddStringToObject(target, *name, text);
    }
    return done;
}

static int edit(void *cls, const char *details, struct arena *arena, const char **ret_details) {
    const struct setting *setting = cls;
    CLEANUP(cleanup_json) cJSON *tree = details ? json_parse_own(details) : cJSON_CreateObject();
    bool done = set_texts(make_place(tree, setting->place), setting);
    CLEANUP(cleanup_free) char *text = done ? json_print(tree) : NULL;
    const char *copy = text ? arena_copy(arena, text, strlen(text)) : NULL;
    if (!copy)
        return FATAL(ENOMEM);
    *ret_details = copy;
    return 0;
}

struct shown {
    const struct tenant *tenant;
    const char *const *place;
    const char *const *names;
};

static void render_setting(struct json_builder *builder, struct json_parent root,
                           const void *value) {
    const struct shown *shown = value;
    const char *details = shown->tenant->details;
    CLEANUP(cleanup_json) cJSON *tree = json_parse_own(details ? details : "{}");
    builder->failed |= !tree;
    const cJSON *found = tree;
    for (const char *const *place = shown->place; *place; place++)
        found = cJSON_GetObjectItemCaseSensitive(found, *place);
    for (const char *const *name = shown->names; *name; name++)
        json_add_text(builder, root, *name, text_of(found, *name));
}

static int answer_setting(struct exchange *exchange, const struct tenant *tenant,
                          const char *const *place, const char *const *names) {
    const struct shown shown = {tenant, place, names};
    return answer_object(exchange, 200, render_setting, &shown);
}

static int get(struct exchange *exchange, const char *id, const char *const *place,
               const char *const *names) {
    struct tenant tenant;
    int r = iam_get_tenant(exchange->iam, id, &exchange->request.arena, &tenant);
    return r == 0 ? answer_setting(exchange, &tenant, place, names)
                  : answer_refusal(exchange, r, id);
}

/* Returns 0, EXCHANGE_ANSWERED or <0. */
static int set(struct exchange *exchange, const char *id, struct setting setting,
               struct tenant *ret_tenant) {
    int r = setting.values ? json_tidy(setting.values) : 0;
    if (r == 0)
        r = iam_edit_tenant(exchange->iam, id, edit, &setting, &exchange->request.arena,
                            ret_tenant);
    if (r == 0)
        return 0;
    r = answer_refusal(exchange, r, id);
    return r < 0 ? r : EXCHANGE_ANSWERED;
}

static int set_and_answer(struct exchange *exchange, const char *id, struct setting setting,
                          const char *const *shown) {
    struct tenant tenant;
    int r = set(exchange, id, setting, &tenant);
    return r == 0 ? answer_setting(exchange, &tenant, setting.place, shown) : r < 0 ? r : 0;
}

int handle_get_apps_catalog_config(struct exchange *exchange, const void *input) {
    const struct get_apps_catalog_config_input *in = input;
    return get(exchange, in->id, in_catalog, look_with_logo);
}

int handle_set_apps_catalog_config(struct exchange *exchange, const void *input) {
    const struct set_apps_catalog_config_input *in = input;
    return set_and_answer(exchange, in->id, (struct setting){in_catalog, look, exchange->body},
                          look_with_logo);
}

int handle_set_apps_catalog_logo(struct exchange *exchange, const void *input) {
    const struct set_apps_catalog_logo_input *in = input;
    return set_and_answer(exchange, in->id, (struct setting){in_catalog, logo, exchange->body},
                          look_with_logo);
}

int handle_delete_apps_catalog_logo(struct exchange *exchange, const void *input) {
    const struct delete_apps_catalog_logo_input *in = input;
    struct tenant tenant;
    int r = set(exchange, in->id, (struct setting){in_catalog, logo, NULL}, &tenant);
    if (r == 0)
        response_set_empty(&exchange->response, 200);
    return r < 0 ? r : 0;
}

int handle_set_logo(struct exchange *exchange, const void *input) {
    const struct set_logo_input *in = input;
    struct tenant tenant;
    int r = set(exchange, in->id, (struct setting){in_details, logo, exchange->body}, &tenant);
    return r == 0 ? answer_object(exchange, 200, answer_render_tenant, &tenant) : r < 0 ? r : 0;
}

int handle_get_default_dashboards(struct exchange *exchange, const void *input) {
    const struct get_default_dashboards_input *in = input;
    return get(exchange, in->id, in_dashboards, dashboards);
}

int handle_set_tenant_default_dashboards(struct exchange *exchange, const void *input) {
    const struct set_tenant_default_dashboards_input *in = input;
    return set_and_answer(exchange, in->id,
                          (struct setting){in_dashboards, dashboards, exchange->body}, dashboards);
}
