#include "contract/permissions.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/cleanup.h"
#include "util/fatal.h"

/* Returns n_resources when there is none of this name. */
static size_t find_resource(const struct vocabulary *vocabulary, const char *name, size_t length) {
    size_t i = 0;
    while (i < vocabulary->n_resources &&
           (strncmp(vocabulary->resources[i].name, name, length) != 0 ||
            vocabulary->resources[i].name[length] != '\0'))
        i++;
    return i;
}

/* Returns what an action stands for, or 0. */
static uint64_t find_action(const struct vocabulary *vocabulary, const char *name, size_t length) {
    for (size_t i = 0; i < vocabulary->n_old; i++)
        if (strncmp(vocabulary->old[i].name, name, length) == 0 &&
            vocabulary->old[i].name[length] == '\0')
            return vocabulary->old[i].actions;
    for (size_t i = 0; i < vocabulary->n_actions; i++)
        if (strncmp(vocabulary->actions[i], name, length) == 0 &&
            vocabulary->actions[i][length] == '\0')
            return UINT64_C(1) << i;
    return 0;
}

static const struct managed_role *find_managed(const struct vocabulary *vocabulary,
                                               const char *template) {
    for (size_t i = 0; i < vocabulary->n_managed; i++)
        if (strcmp(vocabulary->managed[i].template, template) == 0)
            return &vocabulary->managed[i];
    return NULL;
}

/* Writes the actions of one resource. Returns 0 or <0. */
static int read_actions(const struct vocabulary *vocabulary, const cJSON *list,
                        const struct json_place *place, struct violations *violations, FILE *out,
                        size_t *n_actions) {
    size_t resource = find_resource(vocabulary, list->string, strlen(list->string));
    bool is_known = resource < vocabulary->n_resources;
    uint64_t permitted = is_known ? vocabulary->resources[resource].actions : 0;
    const cJSON *item;
    size_t i = 0;
    if (!is_known)
        return violations_add(violations, place,
                              "The role contains unknown or non-assignable permission types.");
    if (!cJSON_IsArray(list))
        return violations_add_unreadable(violations, place, "must be an array");
    fprintf(out, "%s=", list->string);
    cJSON_ArrayForEach (item, list) {
        const struct json_place element = json_place_element(place, i);
        const char *name = cJSON_GetStringValue(item);
        uint64_t actions = name ? find_action(vocabulary, name, strlen(name)) : 0;
        int r = 0;
        if (!name)
            r = violations_add_unreadable(violations, &element, "must be a string");
        else if (actions == 0)
            r = violations_add_unreadable(violations, &element, "is not an action");
        else if ((actions & permitted) == 0)
            r = violations_add(violations, &element, "is not an action of this resource");
        else
            fprintf(out, "%s%s", i > 0 ? "," : "", name);
        if (r < 0)
            return r;
        i++;
    }
    *n_actions += i;
    return 0;
}

static int read_resources(const struct vocabulary *vocabulary, const cJSON *object,
                          const struct json_place *place, struct violations *violations,
                          FILE *out) {
    const cJSON *list;
    size_t n_actions = 0;
    cJSON_ArrayForEach (list, object) {
        const struct json_place member = json_place_member(place, list->string);
        if (list != object->child)
            fputc(';', out);
        int r = read_actions(vocabulary, list, &member, violations, out, &n_actions);
        if (r < 0)
            return r;
    }
    return violations->count == 0 && n_actions == 0
               ? violations_add(violations, place, "A role must have at least one permission")
               : 0;
}

int permissions_read(const struct vocabulary *vocabulary, const cJSON *object,
                     const struct json_place *place, struct violations *violations,
                     const char **ret_text) {
    CLEANUP(cleanup_free) char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return FATAL(ENOMEM);
    int r = read_resources(vocabulary, object, place, violations, out);
    if (fclose(out) != 0 && r == 0)
        r = FATAL(ENOMEM);
    if (r < 0 || violations->count > 0)
        return r < 0 ? r : 1;
    const char *copy = arena_copy(violations->arena, text, size);
    if (!copy)
        return FATAL(ENOMEM);
    *ret_text = copy;
    return 0;
}

/* A resource of the text, with its actions. */
struct part {
    const char *resource;
    size_t resource_length;
    const char *actions;
    size_t actions_length;
};

/* Cuts the next part off the text. Returns false at its end. */
static bool next_part(const char **text, struct part *part) {
    if (**text == '\0')
        return false;
    size_t length = strcspn(*text, ";");
    part->resource = *text;
    part->resource_length = strcspn(*text, "=");
    part->actions = *text + part->resource_length + 1;
    part->actions_length = length - part->resource_length - 1;
    *text += length + ((*text)[length] == ';');
    return true;
}

/* Cuts the next action off the part, and returns its length; 0 at the end. */
static size_t next_action(struct part *part, const char **ret_name) {
    *ret_name = part->actions;
    size_t length = 0;
    while (length < part->actions_length && part->actions[length] != ',')
        length++;
    size_t skipped = length < part->actions_length ? length + 1 : length;
    part->actions += skipped;
    part->actions_length -= skipped;
    return length;
}

/* Adds an empty list for the actions of a resource: as a member of an object or, when `member` is
 * not NULL, in an object of its own that has the resource as this member. */
static struct json_parent add_resource(struct json_builder *builder, struct json_parent parent,
                                       const char *member, const char *resource) {
    if (!member)
        return json_add_array(builder, parent, resource);
    struct json_parent object = json_add_object(builder, parent, NULL);
    json_add_text(builder, object, member, resource);
    return json_add_array(builder, object, "actions");
}

static void show_text(const char *text, struct json_builder *builder, struct json_parent parent,
                      const char *member) {
    struct part part;
    while (!builder->failed && next_part(&text, &part)) {
        CLEANUP(cleanup_free) char *resource = strndup(part.resource, part.resource_length);
        builder->failed |= !resource;
        if (!resource)
            return;
        struct json_parent list = add_resource(builder, parent, member, resource);
        const char *name;
        size_t length;
        while (!builder->failed && (length = next_action(&part, &name)) > 0) {
            CLEANUP(cleanup_free) char *action = strndup(name, length);
            builder->failed |= !action;
            json_add_text(builder, list, NULL, action);
        }
    }
}

static void show_words(const struct vocabulary *vocabulary, const uint64_t *words,
                       struct json_builder *builder, struct json_parent parent,
                       const char *member) {
    for (size_t i = 0; i < vocabulary->n_resources; i++) {
        if (words[i] == 0)
            continue;
        struct json_parent list =
            add_resource(builder, parent, member, vocabulary->resources[i].name);
        for (size_t action = 0; action < vocabulary->n_actions; action++)
            if (words[i] & UINT64_C(1) << action)
                json_add_text(builder, list, NULL, vocabulary->actions[action]);
    }
}

int permissions_write(const struct vocabulary *vocabulary, const char *const *resources,
                      struct arena *arena, const char **ret_text) {
    static const char *const ordinary[] = {"VIEW", "LIST", "CREATE", "READ", "UPDATE", "DELETE"};
    const char *text = "";
    for (; *resources && text; resources++) {
        size_t resource = find_resource(vocabulary, *resources, strlen(*resources));
        const char *before = "=";
        text = arena_format(arena, "%s%s%s", text, *text ? ";" : "", *resources);
        for (size_t i = 0; text && i < sizeof(ordinary) / sizeof(ordinary[0]); i++) {
            /* An older name for an action is not one of the resource's own. */
            const char *name = ordinary[i];
            bool is_old = false;
            for (size_t old = 0; old < vocabulary->n_old; old++)
                is_old |= strcmp(vocabulary->old[old].name, name) == 0;
            if (is_old || !(find_action(vocabulary, name, strlen(name)) &
                            vocabulary->resources[resource].actions))
                continue;
            text = arena_format(arena, "%s%s%s", text, before, name);
            before = ",";
        }
    }
    *ret_text = text;
    return text ? 0 : FATAL(ENOMEM);
}

static void show(const struct vocabulary *vocabulary, const char *text, const char *template,
                 struct json_builder *builder, struct json_parent parent, const char *member) {
    const struct managed_role *managed = text ? NULL : find_managed(vocabulary, template);
    if (text)
        show_text(text, builder, parent, member);
    else if (managed)
        show_words(vocabulary, managed->words, builder, parent, member);
}

void permissions_show(const struct vocabulary *vocabulary, const char *text, const char *template,
                      struct json_builder *builder, struct json_parent parent, const char *name) {
    show(vocabulary, text, template, builder, json_add_object(builder, parent, name), NULL);
}

void permissions_list(const struct vocabulary *vocabulary, const char *text, const char *template,
                      struct json_builder *builder, struct json_parent list, const char *member) {
    show(vocabulary, text, template, builder, list, member);
}

void permissions_add(const struct vocabulary *vocabulary, const char *text, const char *template,
                     struct rights *rights) {
    const struct managed_role *managed = text ? NULL : find_managed(vocabulary, template);
    struct part part;
    for (size_t i = 0; managed && i < vocabulary->n_resources; i++)
        rights->words[i] |= managed->words[i];
    while (text && next_part(&text, &part)) {
        size_t i = find_resource(vocabulary, part.resource, part.resource_length);
        const char *name;
        size_t length;
        while (i < vocabulary->n_resources && (length = next_action(&part, &name)) > 0)
            rights->words[i] |=
                find_action(vocabulary, name, length) & vocabulary->resources[i].actions;
    }
}

bool rights_have(const struct rights *rights, const struct permission *permissions, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (rights->words[permissions[i].resource] & UINT64_C(1) << permissions[i].action)
            return true;
    return false;
}

bool rights_cover(const struct rights *rights, const struct rights *part) {
    for (size_t i = 0; i < PERMISSION_MAX_RESOURCES; i++)
        if (part->words[i] & ~rights->words[i])
            return false;
    return true;
}

size_t rights_count(const struct rights *rights) {
    size_t count = 0;
    for (size_t i = 0; i < PERMISSION_MAX_RESOURCES; i++)
        count += rights->words[i] != 0;
    return count;
}
