#include "sandbox/fixture_dump_parts.h"

#include <errno.h>
#include <string.h>

#include "util/fatal.h"
#include "util/timestamp.h"

int dump_append(struct dump *dump, const char *text) {
    int r = buffer_append(&dump->builder.text, text, strlen(text), SIZE_MAX / 2);
    return r > 0 ? FATAL(ENOMEM) : r;
}

int dump_begin_entry(struct entry *entry, struct dump *dump) {
    *entry = (struct entry){.dump = dump, .builder = &dump->builder};
    arena_init(&entry->arena);
    int r = cancellation_check_growth(dump->cancellation, dump->builder.text.size);
    if (r == 0)
        r = dump_append(dump, dump->separator);
    if (r == 0)
        entry->root = json_begin_object(entry->builder);
    dump->separator = ",\n";
    return r;
}

int dump_end_entry(struct entry *entry) {
    return json_end(entry->builder);
}

void dump_cleanup_entry(struct entry *entry) {
    arena_deinit(&entry->arena);
}

struct json_parent dump_list_in(struct entry *entry, size_t list, const char *name) {
    if (entry->lists[list].level == 0)
        entry->lists[list] = json_add_array(entry->builder, entry->root, name);
    return entry->lists[list];
}

void dump_add_instant(struct json_builder *builder, struct json_parent parent, const char *name,
                      int64_t instant) {
    if (instant < TIMESTAMP_MIN)
        instant = TIMESTAMP_MIN;
    json_add_instant(builder, parent, name, instant < TIMESTAMP_MAX ? instant : TIMESTAMP_MAX);
}

void dump_add_provisioned(struct json_builder *builder, struct json_parent object,
                          const struct provisioned *provisioned) {
    json_add_members_of(builder, json_add_object(builder, object, "attributes"),
                        provisioned->attributes);
    if (provisioned->created_at != INT64_MIN)
        dump_add_instant(builder, object, "created", provisioned->created_at);
    if (provisioned->modified_at != INT64_MIN)
        dump_add_instant(builder, object, "lastModified", provisioned->modified_at);
}
