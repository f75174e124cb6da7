/* Dumps a state as a fixture, and leaves out what a fixture has by default. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "iam/credentials.h"
#include "sandbox/fixture_dump_parts.h"
#include "store/access.h"
#include "store/membership.h"
#include "store/tenant.h"
#include "store/user.h"
#include "util/cleanup.h"
#include "util/fatal.h"

/* A list of the tenants that a user has access to: those where access was granted, or the others.
 */
struct access_list {
    struct entry *entry;
    int granted; /* -1: as the first row says */
    bool has_others;
};

static int show_access(void *cls, int64_t pk, const char *const *columns) {
    struct access_list *list = cls;
    bool granted = strcmp(columns[ACCESS_COLUMN_GRANTED], "true") == 0;
    (void)pk;
    if (list->granted < 0)
        list->granted = granted;
    list->has_others |= granted != list->granted;
    if (granted == list->granted)
        json_add_text(list->entry->builder,
                      dump_list_in(list->entry, granted, granted ? "tenants" : "otherTenants"),
                      NULL, columns[ACCESS_COLUMN_TENANT]);
    return 0;
}

static int show_accesses(struct entry *entry, int64_t user_pk) {
    struct access_list list = {entry, -1, false};
    int r = store_access_scan_own(entry->dump->store, user_pk, show_access, &list);
    if (r != 0 || !list.has_others)
        return r;
    list.granted = !list.granted;
    return store_access_scan_own(entry->dump->store, user_pk, show_access, &list);
}

static int show_memberships(struct entry *entry, int64_t user_pk) {
    struct user_group *groups;
    size_t count;
    int r = store_membership_list_groups(entry->dump->store, user_pk, 0, &entry->arena, &groups,
                                         &count);
    if (r != 0 || count == 0)
        return r;
    struct json_parent list = json_add_array(entry->builder, entry->root, "groups");
    for (size_t i = 0; i < count; i++) {
        struct json_parent group = json_add_object(entry->builder, list, NULL);
        json_add_text(entry->builder, group, "tenant", groups[i].tenant);
        json_add_text(entry->builder, group, "id", groups[i].id);
        if (groups[i].kind == MEMBERSHIP_OWNER)
            json_add_text(entry->builder, group, "membership",
                          membership_kind_name(groups[i].kind));
        if (groups[i].external)
            json_add_bool(entry->builder, group, "external", true);
    }
    return 0;
}

static void add_duration(struct json_builder *builder, struct json_parent parent, const char *name,
                         int64_t duration) {
    char text[48];
    snprintf(text, sizeof(text), "PT%lld.%03lldS", (long long)(duration / 1000),
             (long long)(duration % 1000));
    json_add_text(builder, parent, name, text);
}

static void show_token(struct json_builder *builder, struct json_parent object,
                       const struct token *token) {
    char salt[TOKEN_SALT_TEXT_SIZE];
    char hash[TOKEN_HASH_TEXT_SIZE];
    token_format_hash(token, salt, hash);
    json_add_text(builder, object, "id", token->id);
    json_add_text(builder, object, "name", token->name);
    json_add_text(builder, object, "description", token->description);
    json_add_text(builder, object, "prefix", token->prefix);
    json_add_text(builder, object, "salt", salt);
    json_add_text(builder, object, "hash", hash);
    dump_add_instant(builder, object, "issuedAt", token->issued_at);
    if (token->last_used_at != INT64_MIN)
        dump_add_instant(builder, object, "lastUsed", token->last_used_at);
    if (token->extended)
        json_add_bool(builder, object, "extended", true);
    if (token->expires_at != INT64_MAX)
        dump_add_instant(builder, object, "expiresAt", token->expires_at);
    if (token->max_age != INT64_MAX && token->max_age >= 0 &&
        token->max_age != token->expires_at - token->issued_at)
        add_duration(builder, object, "maxAge", token->max_age);
}

static int show_tokens(struct entry *entry, int64_t user_pk) {
    struct token *tokens;
    size_t count;
    int r = store_token_list(entry->dump->store, user_pk, &entry->arena, &tokens, &count);
    if (r != 0 || count == 0)
        return r;
    struct json_parent list = json_add_array(entry->builder, entry->root, "tokens");
    for (size_t i = 0; i < count; i++)
        show_token(entry->builder, json_add_object(entry->builder, list, NULL), &tokens[i]);
    return 0;
}

static int show_provisions(struct entry *entry, int64_t user_pk) {
    struct provision *provisions;
    size_t count;
    int r = store_provisioned_list(entry->dump->store, user_pk, &entry->arena, &provisions, &count);
    if (r != 0 || count == 0)
        return r;
    struct json_parent list = json_add_array(entry->builder, entry->root, "scim");
    for (size_t i = 0; i < count; i++) {
        struct json_parent object = json_add_object(entry->builder, list, NULL);
        json_add_text(entry->builder, object, "tenant", provisions[i].tenant);
        dump_add_provisioned(entry->builder, object, &provisions[i].provisioned);
    }
    return 0;
}

static void show_person(struct json_builder *builder, struct json_parent object,
                        const struct user *user) {
    json_add_text(builder, object, "id", user->id);
    json_add_text(builder, object, "name", user->name);
    json_add_text(builder, object, "description", user->description);
    if (!user->is_service_account)
        json_add_text(builder, object, "email", user->email);
    if (strcmp(user->username, user->email) != 0)
        json_add_text(builder, object, "username", user->username);
    json_add_text(builder, object, "firstName", user->first_name);
    json_add_text(builder, object, "lastName", user->last_name);
    if (user->super_admin)
        json_add_bool(builder, object, "superAdmin", true);
    if (user->restricted)
        json_add_bool(builder, object, "restricted", true);
    json_add_text(builder, object, "passwordHash", user->password_hash);
}

/* Shows a user or a service account, which has fewer members. */
static int show_user(void *cls, int64_t pk, const char *const *columns) {
    struct dump *dump = cls;
    CLEANUP(dump_cleanup_entry) struct entry entry;
    struct user user;
    (void)columns;
    int r = dump_begin_entry(&entry, dump);
    if (r == 0)
        r = store_user_find_by_pk(dump->store, pk, &entry.arena, &user);
    if (r != 0)
        return r < 0 ? r : FATAL(EIO);
    show_person(entry.builder, entry.root, &user);
    r = show_accesses(&entry, pk);
    if (r == 0)
        r = show_memberships(&entry, pk);
    if (r == 0)
        r = show_tokens(&entry, pk);
    if (r == 0)
        r = show_provisions(&entry, pk);
    return r == 0 ? dump_end_entry(&entry) : r;
}

static int dump_users(struct dump *dump, bool service_accounts) {
    dump->separator = "\n";
    return store_user_scan(dump->store, service_accounts, 0, show_user, dump);
}

/* Only a state that has service accounts gets the list of them. */
static int dump_accounts(struct dump *dump) {
    size_t start = dump->builder.text.size;
    int r = dump_append(dump, "],\n\"serviceAccounts\":[");
    size_t empty = dump->builder.text.size;
    if (r == 0)
        r = dump_users(dump, true);
    if (r == 0 && dump->builder.text.size == empty)
        dump->builder.text.size = start;
    return r;
}

static int dump_all(struct dump *dump) {
    int r = dump_append(dump, "{\"tenants\":[");
    dump->separator = "\n";
    if (r == 0)
        r = store_tenant_scan(dump->store, 0, dump_show_tenant, dump);
    if (r == 0)
        r = dump_append(dump, "],\n\"users\":[");
    if (r == 0)
        r = dump_users(dump, false);
    if (r == 0)
        r = dump_accounts(dump);
    return r == 0 ? dump_append(dump, "]}\n") : r;
}

static void cleanup_dump(struct dump *dump) {
    json_builder_deinit(&dump->builder);
}

int fixture_dump(struct iam *iam, const struct cancellation *cancellation, char **ret_text,
                 size_t *ret_size) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    CLEANUP(cleanup_dump) struct dump dump = {.store = iam->store, .cancellation = cancellation};
    store_begin(iam->store, &transaction);
    int r = dump_all(&dump);
    if (r < 0)
        return r;
    *ret_size = dump.builder.text.size;
    *ret_text = TAKE(dump.builder.text.bytes);
    return 0;
}
