#include "store/noting.h"

#include <errno.h>
#include <string.h>

#include "json/json_print.h"
#include "store/names.h"
#include "store/statement.h"
#include "util/cleanup.h"
#include "util/fatal.h"

/* Each statement gives id, name and tenant of what has changed, then id and name of the user, the
 * group and the role that it is about. */
enum { NAMES = CHANGE_MEMBERSHIP }; /* the first statement for names.c, which keeps them */
#define NO_USER "NULL, NULL"
#define NO_GROUP "NULL, NULL"
#define NO_ROLE "NULL, NULL"
#define THE_USER "u.id, IFNULL(u.name, u.username)"
#define OF_USER                                                                                    \
    "SELECT NULL, NULL, NULL, " THE_USER ", " NO_GROUP ", " NO_ROLE " FROM users u WHERE u.pk = "  \
    "?1"
#define OF_USER_IN_TENANT                                                                          \
    "SELECT NULL, NULL, t.id, " THE_USER ", " NO_GROUP ", " NO_ROLE                                \
    " FROM users u JOIN tenants t ON t.pk = ?2 WHERE u.pk = ?1"

static const char *const sql[] = {
    [CHANGE_USER] = "SELECT u.id, IFNULL(u.name, u.username), NULL, " NO_USER ", " NO_GROUP
                    ", " NO_ROLE " FROM users u WHERE u.pk = ?1",
    [CHANGE_GROUP] = "SELECT g.id, g.name, t.id, " NO_USER ", " NO_GROUP ", " NO_ROLE
                     " FROM groups g JOIN tenants t ON t.pk = g.tenant_pk WHERE g.pk = ?1",
    [CHANGE_TENANT] =
        "SELECT id, name, NULL, " NO_USER ", " NO_GROUP ", " NO_ROLE " FROM tenants WHERE pk = ?1",
    [CHANGE_ROLE] = "SELECT r.id, r.name, t.id, " NO_USER ", " NO_GROUP ", " NO_ROLE
                    " FROM roles r JOIN tenants t ON t.pk = r.tenant_pk WHERE r.pk = ?1",
    [CHANGE_BINDING] = "SELECT b.id, NULL, t.id, " THE_USER ", g.id, g.name, r.id, r.name "
                       "FROM bindings b JOIN tenants t ON t.pk = b.tenant_pk "
                       "JOIN roles r ON r.pk = b.role_pk LEFT JOIN users u ON u.pk = b.user_pk "
                       "LEFT JOIN groups g ON g.pk = b.group_pk WHERE b.pk = ?1",
    [CHANGE_TOKEN] = "SELECT k.id, k.name, NULL, " THE_USER ", " NO_GROUP ", " NO_ROLE
                     " FROM api_tokens k JOIN users u ON u.pk = k.user_pk WHERE k.pk = ?1",
    [CHANGE_INVITATION] =
        "SELECT i.id, i.email, t.id, " NO_USER ", " NO_GROUP ", " NO_ROLE
        " FROM invitations i JOIN tenants t ON t.pk = i.tenant_pk WHERE i.pk = ?1",
    [CHANGE_INTEGRATION] =
        "SELECT i.id, i.name, t.id, " NO_USER ", " NO_GROUP ", " NO_ROLE
        " FROM integrations i JOIN tenants t ON t.pk = i.tenant_pk WHERE i.pk = ?1",
    [CHANGE_ACCESS] = OF_USER_IN_TENANT,
    [CHANGE_TOKENS] = OF_USER,
    [CHANGE_BINDINGS] = OF_USER_IN_TENANT,
    [CHANGE_ACCESSES] = OF_USER,
    [NAMES + NAME_OF_USER] = "SELECT id, IFNULL(name, username), NULL FROM users WHERE pk = ?1",
    [NAMES + NAME_OF_GROUP] = "SELECT g.id, g.name, t.id FROM groups g "
                              "JOIN tenants t ON t.pk = g.tenant_pk WHERE g.pk = ?1",
};
const struct statement_list store_noting_statements = STATEMENT_LIST(sql);

static const char *const kind_names[CHANGE_N_KINDS] = {
    [CHANGE_USER] = "USER",
    [CHANGE_GROUP] = "GROUP",
    [CHANGE_TENANT] = "TENANT",
    [CHANGE_ROLE] = "ROLE",
    [CHANGE_BINDING] = "BINDING",
    [CHANGE_TOKEN] = "TOKEN",
    [CHANGE_INVITATION] = "INVITATION",
    [CHANGE_INTEGRATION] = "INTEGRATION",
    [CHANGE_ACCESS] = "ACCESS",
    [CHANGE_TOKENS] = "TOKEN",
    [CHANGE_BINDINGS] = "BINDING",
    [CHANGE_ACCESSES] = "ACCESS",
};
static const char *const act_names[] = {"ADDED", "UPDATED", "REMOVED"};

/* Writes until something fails. */
struct writer {
    struct buffer *out;
    int r;
};

static void put(struct writer *writer, const char *text) {
    if (writer->r == 0)
        writer->r = buffer_append(writer->out, text, strlen(text), CHANGES_MAX_BYTES);
}

/* Puts the column as the value of a member whose beginning is `start`, unless it is null. Returns
 * whether it is not. */
static bool put_column(struct writer *writer, const char *start, sqlite3_stmt *row, int column) {
    if (sqlite3_column_type(row, column) == SQLITE_NULL)
        return false;
    const char *text = (const char *)sqlite3_column_text(row, column);
    if (!text && writer->r == 0)
        writer->r = FATAL(ENOMEM); /* SQLite may have rolled back */
    put(writer, start);
    if (writer->r == 0)
        writer->r = json_print_text(text, CHANGES_MAX_BYTES, writer->out);
    return true;
}

static void put_object(struct writer *writer, const char *start, sqlite3_stmt *row, int first) {
    if (!put_column(writer, start, row, first))
        return;
    put_column(writer, ",\"name\":", row, first + 1);
    put(writer, "}");
}

static void put_start(struct writer *writer, const struct state_change *change) {
    put(writer, writer->out->size > 0 ? ",{\"kind\":\"" : "{\"kind\":\"");
    put(writer, kind_names[change->kind]);
    put(writer, "\",\"change\":\"");
    put(writer, act_names[change->act]);
    put(writer, "\"");
}

static void put_row(struct writer *writer, sqlite3_stmt *row) {
    put_column(writer, ",\"id\":", row, 0);
    put_column(writer, ",\"name\":", row, 1);
    put_object(writer, ",\"user\":{\"id\":", row, 3);
    put_object(writer, ",\"group\":{\"id\":", row, 5);
    put_object(writer, ",\"role\":{\"id\":", row, 7);
    put_column(writer, ",\"tenant\":", row, 2);
}

/* Puts what is known of a row besides its kind. */
static void put_details(struct writer *writer, struct store *store,
                        const struct state_change *change) {
    CLEANUP(statement_reset)
    sqlite3_stmt *row = statement_get_for(store, STATEMENTS_NOTING, (int)change->kind, change->pk,
                                          change->other_pk);
    int r = statement_row(store, row);
    if (r == 0)
        put_row(writer, row);
    else if (r < 0)
        writer->r = r;
}

/* Puts a code and the column as JSON, unless it is null. */
static void put_packed(struct writer *writer, enum change_code code, sqlite3_stmt *row,
                       int column) {
    put_column(writer, (char[]){(char)code, '\0'}, row, column);
}

int noting_describe(struct store *store, enum name_kind kind, int64_t pk, struct buffer *out) {
    CLEANUP(statement_reset)
    sqlite3_stmt *row = statement_get_for(store, STATEMENTS_NOTING, NAMES + (int)kind, pk, 0);
    struct writer writer = {.out = out};
    int r = statement_row(store, row);
    if (r != 0)
        return r < 0 ? r : 0;
    put_packed(&writer, kind == NAME_OF_GROUP ? CHANGES_GROUP : CHANGES_USER, row, 0);
    put_packed(&writer, CHANGES_NAME, row, 1);
    put_packed(&writer, CHANGES_TENANT, row, 2);
    if (kind == NAME_OF_USER)
        put(&writer, (char[]){CHANGES_USER_END, '\0'});
    return writer.r;
}

/* Appends the change, unless there is no room for it. Returns 0 or <0. */
static int tell(struct store *store, const struct state_change *change) {
    struct noted_changes *noted = &store->noted;
    struct writer writer = {.out = &noted->packed};
    size_t size = noted->packed.size;
    put_start(&writer, change);
    if (writer.r == 0)
        put_details(&writer, store, change);
    put(&writer, "}");
    size_t added = noted->packed.size - size; /* there are no codes in it */
    if (writer.r == 0 && added > CHANGES_MAX_BYTES - noted->printed_size)
        writer.r = 1;
    if (writer.r == 0)
        noted->printed_size += added;
    else
        buffer_cut(&noted->packed, size);
    return writer.r < 0 ? writer.r : 0;
}

/* The user whose name was told last. */
struct told {
    int64_t pk;
    const struct name *user; /* NULL: none */
};

static int find_names(struct store *store, const struct state_change *change,
                      const struct name *same_user, const struct name **ret_user,
                      const struct name **ret_group) {
    *ret_user = same_user;
    int r = same_user ? 0 : names_find(store, NAME_OF_USER, change->pk, ret_user);
    return r == 0 ? names_find(store, NAME_OF_GROUP, change->other_pk, ret_group) : r;
}

static char *put_name(char *end, const struct name *name) {
    return mempcpy(end, name->text, name->size);
}

/* The same as tell for a membership, without a call for each of its small parts. */
static int tell_membership(struct store *store, const struct state_change *change,
                           struct told *told) {
    static const enum change_code acts[] = {CHANGES_ADDED, CHANGES_UPDATED, CHANGES_REMOVED};
    enum { N_OTHER_BYTES = 5 };
    struct noted_changes *noted = &store->noted;
    const struct name *same_user = told->pk == change->pk ? told->user : NULL;
    const struct name *user;
    const struct name *group;
    int r = find_names(store, change, same_user, &user, &group);
    if (r != 0)
        return r < 0 ? r : 0;
    bool follows = noted->packed.size > 0;
    size_t added = follows + changes_measure_byte((char)acts[change->act]) + user->printed_size +
                   group->printed_size + changes_measure_byte((char)change->membership) + 1;
    if (added > CHANGES_MAX_BYTES - noted->printed_size)
        return 0;
    r = buffer_reserve(&noted->packed, N_OTHER_BYTES + user->size + group->size, SIZE_MAX);
    if (r != 0)
        return r;
    char *end = noted->packed.bytes + noted->packed.size;
    if (follows)
        *end++ = ',';
    *end++ = (char)acts[change->act];
    if (same_user)
        *end++ = CHANGES_SAME_USER;
    else
        end = put_name(end, user);
    end = put_name(end, group);
    if (change->membership)
        *end++ = (char)change->membership;
    *end++ = '}';
    *end = '\0';
    noted->packed.size = (size_t)(end - noted->packed.bytes);
    noted->printed_size += added;
    *told = (struct told){.pk = change->pk, .user = user->size > 0 ? user : NULL};
    return 0;
}

/* Moves the changes from the list to the text. */
static int tell_all(struct store *store) {
    struct noted_changes *noted = &store->noted;
    struct told told = {0};
    int r = 0;
    for (size_t i = 0; r == 0 && i < noted->count; i++) {
        const struct state_change *change = &noted->changes[i];
        r = change->kind == CHANGE_MEMBERSHIP ? tell_membership(store, change, &told)
                                              : tell(store, change);
    }
    noted->count = 0;
    return r;
}

int noting_note(struct store *store, int r, const struct state_change *change) {
    struct noted_changes *noted = &store->noted;
    if (r != 0 || noted->is_paused || sqlite3_changes(store->db) == 0)
        return r;
    if (noted->total++ < NOTING_MAX)
        noted->changes[noted->count++] = *change;
    if (change->act == CHANGE_UPDATED && change->kind <= CHANGE_TENANT)
        names_clear(store->names);
    return 0;
}

int noting_note_removal(struct store *store, enum change_kind kind, int64_t pk) {
    struct noted_changes *noted = &store->noted;
    int r = tell_all(store); /* these may be about the row too */
    if (r == 0 && noted->total++ < NOTING_MAX)
        r = tell(store, &(struct state_change){.kind = kind, .act = CHANGE_REMOVED, .pk = pk});
    names_clear(store->names);
    return r;
}

void noting_forget(struct store *store) {
    enum { ORDINARY = 2048 };
    struct noted_changes *noted = &store->noted;
    noted->count = noted->total = noted->packed.size = noted->printed_size = 0;
    if (noted->packed.capacity > ORDINARY)
        buffer_deinit(&noted->packed);
}

int noting_tell(struct store *store, struct changes *changes) {
    const struct noted_changes *noted = &store->noted;
    int r = tell_all(store);
    size_t size = changes->packed.size;
    bool follows = size > 0;
    if (r < 0 || noted->packed.size == 0 ||
        changes->printed_size + follows + noted->printed_size > CHANGES_MAX_BYTES)
        return r;
    if (follows)
        r = buffer_append(&changes->packed, ",", 1, CHANGES_MAX_BYTES);
    if (r == 0)
        r = buffer_append(&changes->packed, noted->packed.bytes, noted->packed.size,
                          CHANGES_MAX_BYTES);
    if (r == 0)
        changes->printed_size += follows + noted->printed_size;
    else
        buffer_cut(&changes->packed, size);
    return r;
}
