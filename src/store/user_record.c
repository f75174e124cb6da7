#include "store/user_record.h"

#include <errno.h>
#include <string.h>

#include "store/access.h"
#include "store/row_cache.h"
#include "util/fatal.h"

/* A user in one piece of memory: its lists and texts follow it. */
struct packed {
    struct user_record record;
    char rest[];
};

/* Calls `visit` with each text of the record. */
static void visit_texts(struct user_record *record, void (*visit)(void *cls, const char **text),
                        void *cls) {
    struct user *user = &record->user;
    const char **const own[] = {&user->id,          &user->username,     &user->email,
                                &user->first_name,  &user->last_name,    &user->name,
                                &user->description, &user->password_hash};
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
        visit(cls, own[i]);
    for (size_t i = 0; i < record->n_tenants; i++) {
        visit(cls, &record->tenants[i].id);
        visit(cls, &record->tenants[i].name);
        visit(cls, &record->tenants[i].details);
    }
    for (size_t i = 0; i < record->n_groups; i++) {
        visit(cls, &record->groups[i].id);
        visit(cls, &record->groups[i].name);
        visit(cls, &record->groups[i].tenant);
    }
}

static void add_size(void *cls, const char **text) {
    size_t *size = cls;
    *size += *text ? strlen(*text) + 1 : 0;
}

static void *append(char **end, const void *bytes, size_t size) {
    void *copy = *end;
    if (size > 0)
        memcpy(copy, bytes, size);
    *end += size;
    return copy;
}

static void append_text(void *cls, const char **text) {
    if (*text)
        *text = append(cls, *text, strlen(*text) + 1);
}

/* Keeps a copy of the record, or no bytes when there would be too many. */
static void keep(struct store *store, const struct user_record *record) {
    struct user_record copy = *record;
    size_t tenants_size = copy.n_tenants * sizeof(*copy.tenants);
    size_t groups_size = copy.n_groups * sizeof(*copy.groups);
    size_t size = sizeof(struct packed) + tenants_size + groups_size;
    visit_texts(&copy, add_size, &size);
    bool is_large = size > ROW_CACHE_MAX_SIZE;
    struct packed *packed = row_cache_add(store, CACHED_USER, copy.user.pk, is_large ? 0 : size);
    if (!packed || is_large)
        return;
    char *end = packed->rest;
    copy.tenants = append(&end, copy.tenants, tenants_size);
    copy.groups = append(&end, copy.groups, groups_size);
    visit_texts(&copy, append_text, &end);
    packed->record = copy;
}

/* Where the bytes of a record were, and where their copy is. */
struct move {
    const char *from;
    char *to;
};

static void move_text(void *cls, const char **text) {
    const struct move *move = cls;
    if (*text)
        *text = move->to + (*text - move->from);
}

static int unpack(const struct packed *packed, size_t size, struct arena *arena,
                  struct user_record *ret_record) {
    struct packed *copy = arena_alloc(arena, size);
    if (!copy)
        return FATAL(ENOMEM);
    memcpy(copy, packed, size);
    struct user_record *record = &copy->record;
    struct move move = {(const char *)packed, (char *)copy};
    record->tenants = (struct tenant *)copy->rest;
    record->groups = (struct user_group *)(record->tenants + record->n_tenants);
    visit_texts(record, move_text, &move);
    *ret_record = *record;
    return 0;
}

static int read_rows(struct store *store, int64_t user_pk, int64_t tenant_pk, struct arena *arena,
                     struct user_record *ret_record) {
    struct user_record record;
    int r = store_user_find_by_pk(store, user_pk, arena, &record.user);
    if (r == 0)
        r = store_access_list(store, user_pk, arena, &record.tenants, &record.n_tenants);
    if (r == 0)
        r = store_membership_list_groups(store, user_pk, tenant_pk, arena, &record.groups,
                                         &record.n_groups);
    if (r == 0)
        *ret_record = record;
    return r;
}

static void select_groups(struct user_record *record, int64_t tenant_pk) {
    size_t count = 0;
    for (size_t i = 0; i < record->n_groups; i++)
        if (record->groups[i].tenant_pk == tenant_pk)
            record->groups[count++] = record->groups[i];
    record->n_groups = count;
}

int user_record_read(struct store *store, int64_t user_pk, int64_t tenant_pk, struct arena *arena,
                     struct user_record *ret_record) {
    struct user_record record;
    size_t size;
    const struct packed *packed = row_cache_find(store, CACHED_USER, user_pk, &size);
    bool is_large = packed && size == 0;
    int r = packed && !is_large
                ? unpack(packed, size, arena, &record)
                : read_rows(store, user_pk, is_large ? tenant_pk : 0, arena, &record);
    if (r != 0)
        return r;
    if (!packed)
        keep(store, &record);
    if (tenant_pk != 0)
        select_groups(&record, tenant_pk);
    *ret_record = record;
    return 0;
}
