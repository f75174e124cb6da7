#include "store/membership.h"

#include <errno.h>
#include <string.h>

#include "store/statement.h"
#include "util/cleanup.h"

enum { MEMBERSHIP_INSERT, MEMBERSHIP_DELETE, MEMBERSHIP_LIST, MEMBERSHIP_FIND_OWNED };

static const char *const sql[] = {
    [MEMBERSHIP_INSERT] = "INSERT INTO memberships (user_pk, tenant_pk, group_pk, kind, external) "
                          "VALUES (?1, ?2, ?3, ?4, ?5)",
    [MEMBERSHIP_DELETE] =
        "DELETE FROM memberships WHERE user_pk = ?1 AND tenant_pk = ?2 AND group_pk = ?3",
    [MEMBERSHIP_LIST] = "SELECT group_pk, kind = 'OWNER', external FROM memberships "
                        "WHERE user_pk = ?1 AND tenant_pk = ?2 ORDER BY group_pk",
    [MEMBERSHIP_FIND_OWNED] = "SELECT 1 FROM memberships WHERE user_pk = ?1 AND tenant_pk = ?2 "
                              "AND kind = 'OWNER' LIMIT 1",
};
const struct statement_list store_membership_statements = STATEMENT_LIST(sql);

/* The statement with the user and the tenant as ?1 and ?2. */
static sqlite3_stmt *get_statement(struct store *store, int index, int64_t user_pk,
                                   int64_t tenant_pk) {
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_MEMBERSHIP, index);
    sqlite3_bind_int64(statement, 1, user_pk);
    sqlite3_bind_int64(statement, 2, tenant_pk);
    return statement;
}

int store_membership_insert(struct store *store, int64_t user_pk, int64_t tenant_pk,
                            const struct membership *membership) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = get_statement(store, MEMBERSHIP_INSERT, user_pk, tenant_pk);
    sqlite3_bind_int64(statement, 3, membership->group_pk);
    bind_text(statement, 4, membership->kind == MEMBERSHIP_OWNER ? "OWNER" : "MEMBER");
    sqlite3_bind_int(statement, 5, membership->external);
    return statement_run(store, statement);
}

int store_membership_delete(struct store *store, int64_t user_pk, int64_t tenant_pk,
                            int64_t group_pk) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = get_statement(store, MEMBERSHIP_DELETE, user_pk, tenant_pk);
    sqlite3_bind_int64(statement, 3, group_pk);
    return statement_run(store, statement);
}

int store_membership_list(struct store *store, int64_t user_pk, int64_t tenant_pk,
                          struct arena *arena, struct membership **ret_memberships,
                          size_t *ret_count) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = get_statement(store, MEMBERSHIP_LIST, user_pk, tenant_pk);
    struct membership *memberships = NULL;
    size_t count = 0;
    size_t capacity = 0;
    int r;
    while ((r = statement_row(store, statement)) == 0) {
        if (count == capacity) {
            capacity = capacity ? capacity * 2 : 16;
            struct membership *larger = arena_alloc(arena, capacity * sizeof(*larger));
            if (!larger)
                return -ENOMEM;
            if (count > 0)
                memcpy(larger, memberships, count * sizeof(*larger));
            memberships = larger;
        }
        memberships[count++] = (struct membership){
            .group_pk = sqlite3_column_int64(statement, 0),
            .kind = sqlite3_column_int(statement, 1) ? MEMBERSHIP_OWNER : MEMBERSHIP_MEMBER,
            .external = sqlite3_column_int(statement, 2),
        };
    }
    if (r < 0)
        return r;
    *ret_memberships = memberships;
    *ret_count = count;
    return 0;
}

int store_membership_find_owned(struct store *store, int64_t user_pk, int64_t tenant_pk) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = get_statement(store, MEMBERSHIP_FIND_OWNED, user_pk, tenant_pk);
    return statement_row(store, statement);
}
