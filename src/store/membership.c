#include "store/membership.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "store/member_index.h"
#include "store/membership_text.h"
#include "store/noting.h"
#include "store/row_cache.h"
#include "store/statement.h"
#include "util/cleanup.h"
#include "util/fatal.h"

enum {
    MEMBERSHIP_GET,
    MEMBERSHIP_SET,
    MEMBERSHIP_INSERT,
    MEMBERSHIP_SCAN_USER,
    MEMBERSHIP_FIND_GROUP,
};

static const char *const sql[] = {
    [MEMBERSHIP_GET] = "SELECT tenant_pk, groups FROM tenant_access WHERE user_pk = ?1 "
                       "AND tenant_pk = ?2",
    [MEMBERSHIP_SET] = "UPDATE tenant_access SET groups = ?3 WHERE user_pk = ?1 AND tenant_pk = ?2",
    [MEMBERSHIP_INSERT] = "INSERT INTO tenant_access (user_pk, tenant_pk, granted, groups) "
                          "VALUES (?1, ?2, 0, ?3)",
    [MEMBERSHIP_SCAN_USER] = "SELECT tenant_pk, groups FROM tenant_access WHERE user_pk = ?1 "
                             "AND (tenant_pk = ?2 OR ?2 = 0) AND groups IS NOT NULL",
    [MEMBERSHIP_FIND_GROUP] = "SELECT g.id, g.name, t.id FROM groups g "
                              "JOIN tenants t ON t.pk = g.tenant_pk WHERE g.pk = ?1",
};
const struct statement_list store_membership_statements = STATEMENT_LIST(sql);

const char *membership_kind_name(enum membership_kind kind) {
    return kind == MEMBERSHIP_OWNER ? "OWNER" : "MEMBER";
}

enum membership_kind membership_kind_of(const char *name) {
    return strcmp(name, membership_kind_name(MEMBERSHIP_OWNER)) == 0 ? MEMBERSHIP_OWNER
                                                                     : MEMBERSHIP_MEMBER;
}

int membership_compare(const void *a, const void *b) {
    int64_t left = ((const struct membership *)a)->group_pk;
    int64_t right = ((const struct membership *)b)->group_pk;
    return (left > right) - (left < right);
}

struct membership *membership_list_find(const struct membership_list *list, int64_t group_pk) {
    const struct membership key = {.group_pk = group_pk};
    return list->count > 0
               ? bsearch(&key, list->items, list->count, sizeof(key), membership_compare)
               : NULL;
}

int store_membership_list(struct store *store, int64_t user_pk, int64_t tenant_pk,
                          struct arena *arena, struct membership_list *ret_list) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement =
        statement_get_for(store, STATEMENTS_MEMBERSHIP, MEMBERSHIP_GET, user_pk, tenant_pk);
    int r = statement_row(store, statement);
    return r == 0 ? column_memberships(store, statement, 1, arena, ret_list) : r;
}

/* Runs a statement whose third parameter is the list. */
static int write_list(struct store *store, int index, int64_t user_pk, int64_t tenant_pk,
                      const struct membership_list *list) {
    CLEANUP(arena_deinit) struct arena arena;
    arena_init(&arena);
    const char *text;
    size_t size;
    int r = membership_text_format(list, &arena, &text, &size);
    if (r < 0)
        return r;
    CLEANUP(statement_reset)
    sqlite3_stmt *statement =
        statement_get_for(store, STATEMENTS_MEMBERSHIP, index, user_pk, tenant_pk);
    sqlite3_bind_text64(statement, 3, text, size, SQLITE_STATIC, SQLITE_UTF8);
    r = row_cache_run(store, statement, user_pk);
    return r == 0 && sqlite3_changes(store->db) != 1 ? FATAL(EIO) : r;
}

static bool lists_are_equal(const struct membership_list *a, const struct membership_list *b) {
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        const struct membership *left = &a->items[i];
        const struct membership *right = &b->items[i];
        if (left->group_pk != right->group_pk || left->kind != right->kind ||
            left->external != right->external || left->position != right->position)
            return false;
    }
    return true;
}

/* Notes that the user's membership in the group was `from` and is `to`; NULL: there is none.
 * Returns 0, or <0 when the index failed. */
static int note_membership(struct store *store, int64_t user_pk, int64_t group_pk,
                           const struct membership *from, const struct membership *to) {
    struct state_change change = {.kind = CHANGE_MEMBERSHIP, .pk = user_pk, .other_pk = group_pk};
    if (from && to && from->kind == to->kind && from->external == to->external)
        return 0;
    change.act = !to ? CHANGE_REMOVED : from ? CHANGE_UPDATED : CHANGE_ADDED;
    if (to && from && from->kind == to->kind)
        change.membership = CHANGES_AS_EXTERNAL;
    else if (to)
        change.membership = to->kind == MEMBERSHIP_OWNER ? CHANGES_AS_OWNER : CHANGES_AS_MEMBER;
    noting_note(store, 0, &change);
    if (!store->members || (from && to))
        return 0;
    store->members_changed = true;
    return member_index_toggle(store->members, group_pk, user_pk);
}

/* Notes that the user's memberships in a tenant were `from` and are `to`. */
static void note_change(struct store *store, int64_t user_pk, const struct membership_list *from,
                        const struct membership_list *to) {
    size_t i = 0;
    size_t j = 0;
    int r = 0;
    while (i < from->count || j < to->count) {
        int order = i == from->count ? 1
                    : j == to->count ? -1
                                     : membership_compare(&from->items[i], &to->items[j]);
        const struct membership *before = order <= 0 ? &from->items[i] : NULL;
        const struct membership *after = order >= 0 ? &to->items[j] : NULL;
        int64_t group_pk = order <= 0 ? from->items[i].group_pk : to->items[j].group_pk;
        int failed = note_membership(store, user_pk, group_pk, before, after);
        r = r == 0 ? failed : r;
        i += order <= 0;
        j += order >= 0;
    }
    if (r < 0)
        store_forget_members(store);
}

int store_membership_replace(struct store *store, int64_t user_pk, int64_t tenant_pk,
                             const struct membership_list *from, const struct membership_list *to) {
    if (lists_are_equal(from, to))
        return 0;
    int r = write_list(store, MEMBERSHIP_SET, user_pk, tenant_pk, to);
    if (r == 0)
        note_change(store, user_pk, from, to);
    return r;
}

int store_membership_start(struct store *store, int64_t user_pk, int64_t tenant_pk,
                           const struct membership_list *list) {
    static const struct membership_list none = {0};
    int r = write_list(store, MEMBERSHIP_INSERT, user_pk, tenant_pk, list);
    if (r != 0)
        return r;
    statement_note_access(store);
    noting_note(
        store, 0,
        &(struct state_change){
            .kind = CHANGE_ACCESS, .act = CHANGE_ADDED, .pk = user_pk, .other_pk = tenant_pk});
    note_change(store, user_pk, &none, list);
    return 0;
}

/* One change to a user's list, as steps that share an arena. */
struct edit {
    struct store *store;
    int64_t user_pk, tenant_pk;
    struct arena arena;
    struct membership_list from, to;
};

static void cleanup_edit(struct edit *edit) {
    arena_deinit(&edit->arena);
}

/* Lists the memberships. `to` becomes a copy with room for `n_more`. Returns as
 * store_membership_list. */
static int start_edit(struct edit *edit, struct store *store, int64_t user_pk, int64_t tenant_pk,
                      size_t n_more) {
    edit->store = store;
    edit->user_pk = user_pk;
    edit->tenant_pk = tenant_pk;
    arena_init(&edit->arena);
    int r = store_membership_list(store, user_pk, tenant_pk, &edit->arena, &edit->from);
    if (r != 0)
        return r;
    size_t size = sizeof(*edit->to.items);
    edit->to.items = arena_alloc(&edit->arena, (edit->from.count + n_more) * size);
    if (!edit->to.items)
        return FATAL(ENOMEM);
    if (edit->from.count > 0)
        memcpy(edit->to.items, edit->from.items, edit->from.count * size);
    edit->to.count = edit->from.count;
    return 0;
}

static int finish_edit(struct edit *edit) {
    return store_membership_replace(edit->store, edit->user_pk, edit->tenant_pk, &edit->from,
                                    &edit->to);
}

static int compare_joined(const void *a, const void *b) {
    int64_t left = ((const struct membership *)a)->position;
    int64_t right = ((const struct membership *)b)->position;
    int order = membership_compare(a, b);
    return order != 0 ? order : (left > right) - (left < right);
}

static int compare_positions(const void *a, const void *b) {
    int64_t left = ((const struct membership *)a)->position;
    int64_t right = ((const struct membership *)b)->position;
    return (left > right) - (left < right);
}

/* Appends the joined memberships that the user does not have. The others get their position when
 * `moves` is true. */
static int add_joined(struct edit *edit, const struct membership_list *joined, bool moves) {
    size_t size = joined->count * sizeof(*joined->items);
    struct membership *sorted = arena_alloc(&edit->arena, size);
    if (!sorted)
        return FATAL(ENOMEM);
    if (size > 0)
        memcpy(sorted, joined->items, size);
    qsort(sorted, joined->count, sizeof(*sorted), compare_joined);
    const struct membership_list present = {edit->to.items, edit->from.count};
    for (size_t i = 0; i < joined->count; i++) {
        if (i > 0 && sorted[i].group_pk == sorted[i - 1].group_pk)
            continue;
        struct membership *found = membership_list_find(&present, sorted[i].group_pk);
        if (!found)
            edit->to.items[edit->to.count++] = sorted[i];
        else if (moves)
            found->position = sorted[i].position;
    }
    return 0;
}

int store_membership_join(struct store *store, int64_t user_pk, int64_t tenant_pk,
                          const struct membership_list *joined) {
    CLEANUP(cleanup_edit) struct edit edit;
    int r = start_edit(&edit, store, user_pk, tenant_pk, joined->count);
    if (r == 0)
        r = add_joined(&edit, joined, true);
    if (r != 0)
        return r == STORE_NOT_FOUND ? FATAL(EIO) : r;
    qsort(edit.to.items, edit.to.count, sizeof(*edit.to.items), membership_compare);
    return finish_edit(&edit);
}

/* Finds the position after all groups of the user. */
static int find_end(struct store *store, int64_t user_pk, struct arena *arena, int64_t *ret_end) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement =
        statement_get_for(store, STATEMENTS_MEMBERSHIP, MEMBERSHIP_SCAN_USER, user_pk, 0);
    int64_t end = 0;
    int r;
    while ((r = statement_row(store, statement)) == 0) {
        struct membership_list list;
        r = column_memberships(store, statement, 1, arena, &list);
        if (r < 0)
            return r;
        for (size_t i = 0; i < list.count; i++)
            if (list.items[i].position >= end)
                end = list.items[i].position + 1;
    }
    if (r < 0)
        return r;
    *ret_end = end;
    return 0;
}

int store_membership_append(struct store *store, int64_t user_pk, int64_t tenant_pk,
                            const struct membership_list *joined) {
    CLEANUP(cleanup_edit) struct edit edit;
    int64_t end;
    int r = start_edit(&edit, store, user_pk, tenant_pk, joined->count);
    if (r == 0)
        r = add_joined(&edit, joined, false);
    if (r == 0 && edit.to.count == edit.from.count)
        return 0;
    if (r == 0)
        r = find_end(store, user_pk, &edit.arena, &end);
    if (r != 0)
        return r == STORE_NOT_FOUND ? FATAL(EIO) : r;
    struct membership *added = edit.to.items + edit.from.count;
    qsort(added, edit.to.count - edit.from.count, sizeof(*added), compare_positions);
    for (size_t i = edit.from.count; i < edit.to.count; i++)
        edit.to.items[i].position = end++;
    qsort(edit.to.items, edit.to.count, sizeof(*edit.to.items), membership_compare);
    return finish_edit(&edit);
}

int store_membership_leave(struct store *store, int64_t user_pk, int64_t tenant_pk,
                           const struct membership_list *left) {
    CLEANUP(cleanup_edit) struct edit edit;
    int r = start_edit(&edit, store, user_pk, tenant_pk, 0);
    if (r != 0)
        return r == STORE_NOT_FOUND ? 0 : r;
    const struct membership_list copy = edit.to;
    for (size_t i = 0; i < left->count; i++) {
        struct membership *found = membership_list_find(&copy, left->items[i].group_pk);
        if (found) /* no position is negative */
            found->position = -1;
    }
    edit.to.count = 0;
    for (size_t i = 0; i < copy.count; i++)
        if (copy.items[i].position >= 0)
            edit.to.items[edit.to.count++] = copy.items[i];
    return finish_edit(&edit);
}

/* Appends the groups of a row to the array, without their names. */
static int append_groups(struct store *store, sqlite3_stmt *statement, struct arena *arena,
                         struct user_group **groups, size_t *count, size_t *capacity) {
    struct membership_list list;
    int r = column_memberships(store, statement, 1, arena, &list);
    for (size_t i = 0; r == 0 && i < list.count; i++) {
        *groups = arena_grow(arena, *groups, *count, sizeof(**groups), capacity);
        if (!*groups)
            return FATAL(ENOMEM);
        (*groups)[(*count)++] = (struct user_group){
            .pk = list.items[i].group_pk,
            .tenant_pk = sqlite3_column_int64(statement, 0),
            .position = list.items[i].position,
            .kind = list.items[i].kind,
            .external = list.items[i].external,
        };
    }
    return r;
}

static int scan_groups(struct store *store, int64_t user_pk, int64_t tenant_pk, struct arena *arena,
                       struct user_group **ret_groups, size_t *ret_count) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement =
        statement_get_for(store, STATEMENTS_MEMBERSHIP, MEMBERSHIP_SCAN_USER, user_pk, tenant_pk);
    size_t capacity = 0;
    int r;
    *ret_groups = NULL;
    *ret_count = 0;
    while ((r = statement_row(store, statement)) == 0) {
        r = append_groups(store, statement, arena, ret_groups, ret_count, &capacity);
        if (r < 0)
            return r;
    }
    return r == STORE_NOT_FOUND ? 0 : r;
}

static int read_names(struct store *store, struct arena *arena, struct user_group *group) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_MEMBERSHIP, MEMBERSHIP_FIND_GROUP);
    sqlite3_bind_int64(statement, 1, group->pk);
    int r = statement_row(store, statement);
    if (r != 0)
        return r;
    return column_texts(statement, 0, arena,
                        (const char **const[]){&group->id, &group->name, &group->tenant, NULL});
}

/* Keeps the names, one after the other, unless a damaged database has none. */
static void keep_names(struct store *store, const struct user_group *group) {
    if (!group->id || !group->name || !group->tenant)
        return;
    size_t id_size = strlen(group->id) + 1;
    size_t name_size = strlen(group->name) + 1;
    size_t tenant_size = strlen(group->tenant) + 1;
    size_t size = id_size + name_size + tenant_size;
    char *bytes =
        size <= ROW_CACHE_MAX_SIZE ? row_cache_add(store, CACHED_GROUP, group->pk, size) : NULL;
    if (!bytes)
        return;
    memcpy(bytes, group->id, id_size);
    memcpy(bytes + id_size, group->name, name_size);
    memcpy(bytes + id_size + name_size, group->tenant, tenant_size);
}

static int name_group(struct store *store, struct arena *arena, struct user_group *group) {
    size_t size;
    const char *kept = row_cache_find(store, CACHED_GROUP, group->pk, &size);
    if (!kept) {
        int r = read_names(store, arena, group);
        if (r == 0)
            keep_names(store, group);
        return r;
    }
    const char *copy = arena_copy(arena, kept, size);
    if (!copy)
        return FATAL(ENOMEM);
    group->id = copy;
    group->name = copy + strlen(copy) + 1;
    group->tenant = group->name + strlen(group->name) + 1;
    return 0;
}

static int compare_shown(const void *a, const void *b) {
    const struct user_group *left = a;
    const struct user_group *right = b;
    return left->position != right->position
               ? (left->position > right->position) - (left->position < right->position)
               : (left->pk > right->pk) - (left->pk < right->pk);
}

int store_membership_list_groups(struct store *store, int64_t user_pk, int64_t tenant_pk,
                                 struct arena *arena, struct user_group **ret_groups,
                                 size_t *ret_count) {
    struct user_group *groups;
    size_t count;
    int r = scan_groups(store, user_pk, tenant_pk, arena, &groups, &count);
    for (size_t i = 0; r == 0 && i < count; i++)
        r = name_group(store, arena, &groups[i]);
    if (r != 0)
        return r == STORE_NOT_FOUND ? FATAL(EIO) : r;
    if (count > 1)
        qsort(groups, count, sizeof(*groups), compare_shown);
    *ret_groups = groups;
    *ret_count = count;
    return 0;
}

int store_membership_find(struct store *store, int64_t user_pk, int64_t tenant_pk, int64_t group_pk,
                          enum membership_kind *ret_kind) {
    CLEANUP(arena_deinit) struct arena arena;
    struct membership_list list;
    arena_init(&arena);
    int r = store_membership_list(store, user_pk, tenant_pk, &arena, &list);
    if (r != 0)
        return r;
    const struct membership *found = membership_list_find(&list, group_pk);
    if (!found)
        return STORE_NOT_FOUND;
    *ret_kind = found->kind;
    return 0;
}

/* Makes a membership external when `kind` is NULL, and otherwise gives it that kind. */
static int change(struct store *store, int64_t user_pk, int64_t tenant_pk, int64_t group_pk,
                  const enum membership_kind *kind) {
    CLEANUP(cleanup_edit) struct edit edit;
    int r = start_edit(&edit, store, user_pk, tenant_pk, 0);
    if (r != 0)
        return r == STORE_NOT_FOUND ? 0 : r;
    struct membership *found = membership_list_find(&edit.to, group_pk);
    if (found && kind)
        found->kind = *kind;
    else if (found)
        found->external = true;
    return finish_edit(&edit);
}

int store_membership_set_kind(struct store *store, int64_t user_pk, int64_t tenant_pk,
                              int64_t group_pk, enum membership_kind kind) {
    return change(store, user_pk, tenant_pk, group_pk, &kind);
}

int store_membership_set_external(struct store *store, int64_t user_pk, int64_t tenant_pk,
                                  int64_t group_pk) {
    return change(store, user_pk, tenant_pk, group_pk, NULL);
}

int store_membership_find_owned(struct store *store, int64_t user_pk, int64_t tenant_pk) {
    CLEANUP(arena_deinit) struct arena arena;
    struct membership_list list;
    arena_init(&arena);
    int r = store_membership_list(store, user_pk, tenant_pk, &arena, &list);
    for (size_t i = 0; r == 0 && i < list.count; i++)
        if (list.items[i].kind == MEMBERSHIP_OWNER)
            return 0;
    return r == 0 ? STORE_NOT_FOUND : r;
}
