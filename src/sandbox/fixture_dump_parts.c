#include "sandbox/fixture_dump_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "json/json_print.h"
#include "util/cleanup.h"
#include "util/fatal.h"
#include "util/timestamp.h"

int dump_append(struct dump *dump, const char *text) {
    int r = buffer_append(&dump->text, text, strlen(text), SIZE_MAX / 2);
    return r > 0 ? FATAL(ENOMEM) : r;
}

int dump_append_entry(struct dump *dump, const struct entry *entry) {
    CLEANUP(cleanup_free)
    char *text = entry->builder.failed ? NULL : json_print(entry->root);
    if (!text)
        return FATAL(ENOMEM);
    int r = dump_append(dump, dump->separator);
    if (r == 0)
        r = dump_append(dump, text);
    dump->separator = ",\n";
    return r;
}

void dump_init_entry(struct entry *entry, struct dump *dump) {
    *entry = (struct entry){.dump = dump, .root = cJSON_CreateObject()};
    entry->builder.failed = !entry->root;
    arena_init(&entry->arena);
}

void dump_cleanup_entry(struct entry *entry) {
    arena_deinit(&entry->arena);
    cJSON_Delete(entry->root);
}

cJSON *dump_list_in(struct entry *entry, size_t list, const char *name) {
    if (!entry->lists[list])
        entry->lists[list] = json_add_array(&entry->builder, entry->root, name);
    return entry->lists[list];
}

void dump_add_instant(struct json_builder *builder, cJSON *parent, const char *name,
                      int64_t instant) {
    if (instant < TIMESTAMP_MIN)
        instant = TIMESTAMP_MIN;
    json_add_instant(builder, parent, name, instant < TIMESTAMP_MAX ? instant : TIMESTAMP_MAX);
}

void dump_add_provisioned(struct json_builder *builder, cJSON *object,
                          const struct provisioned *provisioned) {
    json_add_members(builder, json_add_object(builder, object, "attributes"),
                     provisioned->attributes);
    if (provisioned->created_at != INT64_MIN)
        dump_add_instant(builder, object, "created", provisioned->created_at);
    if (provisioned->modified_at != INT64_MIN)
        dump_add_instant(builder, object, "lastModified", provisioned->modified_at);
}
