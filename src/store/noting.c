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
enum { N_COLUMNS = 9 };
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
    [CHANGE_MEMBERSHIP] = "MEMBERSHIP",
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

static void put_membership(struct writer *writer, struct store *store,
                           const struct state_change *change) {
    const char *text = "";
    if (writer->r == 0)
        writer->r = names_find(store, NAME_OF_USER, change->pk, &text);
    put(writer, text);
    if (writer->r == 0)
        writer->r = names_find(store, NAME_OF_GROUP, change->other_pk, &text);
    put(writer, text);
    if (change->membership) {
        put(writer, ",\"membership\":\"");
        put(writer, change->membership);
        put(writer, "\"");
    }
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

int noting_describe(struct store *store, enum change_kind kind, int64_t pk, struct buffer *out) {
    CLEANUP(statement_reset)
    sqlite3_stmt *row = statement_get_for(store, STATEMENTS_NOTING, (int)kind, pk, 0);
    struct writer writer = {.out = out};
    int r = statement_row(store, row);
    if (r != 0)
        return r < 0 ? r : 0;
    put_object(&writer, kind == CHANGE_GROUP ? ",\"group\":{\"id\":" : ",\"user\":{\"id\":", row,
               0);
    put_column(&writer, ",\"tenant\":", row, 2);
    return writer.r < 0 ? writer.r : 0;
}

/* Appends the change, unless there is no room for it. Returns 0 or <0. */
static int tell(struct store *store, const struct state_change *change) {
    struct buffer *out = &store->noted.json;
    struct writer writer = {.out = out};
    size_t size = out->size;
    put_start(&writer, change);
    if (change->kind == CHANGE_MEMBERSHIP)
        put_membership(&writer, store, change);
    else if (writer.r == 0)
        put_details(&writer, store, change);
    put(&writer, "}");
    if (writer.r > 0)
        buffer_cut(out, size);
    return writer.r < 0 ? writer.r : 0;
}

/* Moves the changes from the list to the JSON. */
static int tell_all(struct store *store) {
    struct noted_changes *noted = &store->noted;
    int r = 0;
    for (size_t i = 0; r == 0 && i < noted->count; i++)
        r = tell(store, &noted->changes[i]);
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
    noted->count = noted->total = noted->json.size = 0;
    if (noted->json.capacity > ORDINARY)
        buffer_deinit(&noted->json);
}

int noting_tell(struct store *store, struct changes *changes) {
    struct buffer *json = &store->noted.json;
    int r = tell_all(store);
    if (r < 0 || json->size == 0)
        return r;
    size_t size = changes->json.size;
    if (size > 0)
        r = buffer_append(&changes->json, ",", 1, CHANGES_MAX_BYTES);
    if (r == 0)
        r = buffer_append(&changes->json, json->bytes, json->size, CHANGES_MAX_BYTES);
    if (r > 0)
        buffer_cut(&changes->json, size);
    return r < 0 ? r : 0;
}
