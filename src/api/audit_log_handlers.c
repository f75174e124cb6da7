/* The audit log. */
#include "sandbox/audit_log.h"

#include <errno.h>
#include <string.h>

#include "api/answer.h"
#include "contract_input.h"
#include "util/cleanup.h"
#include "util/fatal.h"
#include "util/timestamp.h"

/* The user is last, since it takes a look-up that most listings do without. */
enum { COLUMN_RESOURCE, COLUMN_TYPE, COLUMN_SUBJECT, COLUMN_DATE, COLUMN_USER, N_COLUMNS };

static const struct listing_column columns[N_COLUMNS] = {
    [COLUMN_RESOURCE] = {"resource", true},
    [COLUMN_TYPE] = {"type", true},
    [COLUMN_SUBJECT] = {"detailId", true},
    [COLUMN_DATE] = {"date"},
    [COLUMN_USER] = {"userId"},
};

struct entries {
    const struct audit_log *log;
    struct audit_entry *items;
    size_t count;
};

/* An entry with what answers show of it. */
struct item {
    const struct audit_entry *entry;
    char id[FRIENDLY_ID_SIZE];
    char date[TIMESTAMP_SIZE];
    const char *user_id;   /* the username when there is no such user any more */
    struct user_view user; /* its id is NULL then */
};

static int find_user(struct exchange *exchange, const struct audit_entry *entry,
                     struct user_view *ret_view) {
    *ret_view = (struct user_view){0};
    if (entry->user_pk == 0)
        return 0;
    int r = iam_get_user_by_pk(exchange->iam, entry->user_pk, &exchange->request.arena, ret_view);
    return r < 0 ? r : 0;
}

static int show(struct exchange *exchange, const struct audit_entry *entry, struct item *item) {
    item->entry = entry;
    audit_log_format_id(exchange->sandbox->audit_log, entry, item->id);
    timestamp_format(entry->time, item->date);
    int r = find_user(exchange, entry, &item->user);
    item->user_id = item->user.user.id ? item->user.user.id : entry->username;
    return r;
}

static void render_item(struct json_builder *builder, struct json_parent root, const void *value) {
    const struct item *item = value;
    struct json_parent entry = json_add_object(builder, root, "auditLog");
    json_add_text(builder, entry, "tenantId", item->entry->tenant);
    json_add_text(builder, entry, "id", item->id);
    json_add_text(builder, entry, "type", item->entry->type);
    struct json_parent detail = json_add_object(builder, entry, "detail");
    json_add_text(builder, detail, "type", item->entry->resource);
    json_add_text(builder, detail, "resource", item->entry->resource);
    json_add_text(builder, detail, "id", item->entry->subject);
    json_add_text(builder, entry, "date", item->date);
    json_add_text(builder, entry, "userId", item->user_id);
    json_add_text(builder, entry, "ipAddress", item->entry->client_ip);
    if (item->user.user.id)
        answer_add_user(builder, json_add_object(builder, root, "user"), &item->user);
}

struct page {
    const struct item *items;
    size_t count;
    int64_t total;
};

static void render_page(struct json_builder *builder, struct json_parent root, const void *value) {
    const struct page *page = value;
    struct json_parent results = json_add_array(builder, root, "results");
    for (size_t i = 0; i < page->count; i++)
        render_item(builder, json_add_object(builder, results, NULL), &page->items[i]);
    json_add_integer(builder, root, "total", page->total);
}

/* Shows all entries to the listing. The key of a row is its index plus 1. */
static int visit_all(struct exchange *exchange, const struct entries *entries,
                     struct listing *listing) {
    for (size_t i = 0; i < entries->count; i++) {
        const struct audit_entry *entry = &entries->items[i];
        char date[TIMESTAMP_SIZE];
        struct user_view view = {0};
        timestamp_format(entry->time, date);
        int r = listing->n_used > COLUMN_USER ? find_user(exchange, entry, &view) : 0;
        const char *row[N_COLUMNS] = {
            [COLUMN_RESOURCE] = entry->resource,
            [COLUMN_TYPE] = entry->type,
            [COLUMN_SUBJECT] = entry->subject,
            [COLUMN_DATE] = date,
            [COLUMN_USER] = view.user.id ? view.user.id : entry->username,
        };
        if (r == 0)
            r = listing_visit(listing, (int64_t)i + 1, row);
        if (r != 0)
            return r;
    }
    return 0;
}

static int search(struct exchange *exchange, const char *tenant,
                  const struct listing_request *request) {
    struct arena *arena = &exchange->request.arena;
    struct entries entries = {.log = exchange->sandbox->audit_log};
    struct listing listing;
    struct listing_result result;
    const char *problem = NULL;
    int r = listing_init(&listing, request, columns, N_COLUMNS, arena, &problem);
    if (r == 0)
        r = audit_log_list(exchange->sandbox->audit_log, tenant, arena, &entries.items,
                           &entries.count);
    if (r == 0)
        r = visit_all(exchange, &entries, &listing);
    if (r == 0)
        r = listing_finish(&listing, &result);
    if (r != 0)
        return answer_refusal(exchange, r, problem);
    struct item *items = arena_alloc(arena, result.count * sizeof(*items));
    if (!items)
        return FATAL(ENOMEM);
    for (size_t i = 0; r == 0 && i < result.count; i++)
        r = show(exchange, &entries.items[result.pks[i] - 1], &items[i]);
    const struct page page = {items, result.count, result.total};
    return r == 0 ? answer_object(exchange, 200, render_page, &page) : r;
}

int handle_search_audit_logs(struct exchange *exchange, const void *input) {
    const struct search_audit_logs_input *in = input;
    const struct listing_request request = LISTING_REQUEST(in->query);
    return search(exchange, in->tenant, &request);
}

int handle_search_audit_logs_for_all_tenants(struct exchange *exchange, const void *input) {
    const struct search_audit_logs_for_all_tenants_input *in = input;
    const struct listing_request request = LISTING_REQUEST(in->query);
    return search(exchange, NULL, &request);
}

/* Quotes a field when it needs it (RFC 4180). */
static void print_field(FILE *out, const char *text, char end) {
    if (!text)
        text = "";
    if (!strpbrk(text, ",\"\r\n")) {
        fprintf(out, "%s%c", text, end);
        return;
    }
    fputc('"', out);
    for (; *text; text++) {
        if (*text == '"')
            fputc('"', out);
        fputc(*text, out);
    }
    fprintf(out, "\"%c", end);
}

static int print_entries(struct exchange *exchange, const struct entries *entries, FILE *out) {
    fputs("id,date,tenantId,type,resource,detailId,userId,ipAddress\n", out);
    for (size_t i = 0; i < entries->count; i++) {
        struct item item;
        int r = show(exchange, &entries->items[i], &item);
        if (r < 0)
            return r;
        fprintf(out, "%s,%s,", item.id, item.date);
        print_field(out, item.entry->tenant, ',');
        fprintf(out, "%s,%s,", item.entry->type, item.entry->resource);
        print_field(out, item.entry->subject, ',');
        print_field(out, item.user_id, ',');
        print_field(out, item.entry->client_ip, '\n');
    }
    return 0;
}

static int export(struct exchange *exchange, const char *tenant) {
    struct entries entries;
    CLEANUP(cleanup_free) char *text = NULL;
    size_t size = 0;
    int r = audit_log_list(exchange->sandbox->audit_log, tenant, &exchange->request.arena,
                           &entries.items, &entries.count);
    FILE *out = r == 0 ? open_memstream(&text, &size) : NULL;
    if (!out)
        return r < 0 ? r : FATAL(ENOMEM);
    r = print_entries(exchange, &entries, out);
    if (fclose(out) != 0 && r == 0)
        r = FATAL(ENOMEM);
    if (r < 0)
        return r;
    response_set_owned(&exchange->response, 200, "text/csv", text, size);
    text = NULL;
    return 0;
}

int handle_export_audit_logs(struct exchange *exchange, const void *input) {
    const struct export_audit_logs_input *in = input;
    return export(exchange, in->tenant);
}

int handle_export_audit_logs_for_all_tenants(struct exchange *exchange, const void *input) {
    (void)input;
    return export(exchange, NULL);
}

static void render_nothing(struct json_builder *builder, struct json_parent root,
                           const void *value) {
    (void)builder;
    (void)root;
    (void)value;
}

int handle_find_audit_log(struct exchange *exchange, const void *input) {
    const struct find_audit_log_input *in = input;
    const char *id = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(in->body.detail, "id"));
    struct audit_entry *entries;
    size_t count;
    struct item item;
    int r = audit_log_list(exchange->sandbox->audit_log, in->tenant, &exchange->request.arena,
                           &entries, &count);
    for (size_t i = 0; r == 0 && i < count; i++) {
        const struct audit_entry *entry = &entries[i];
        if ((in->body.resource && strcmp(in->body.resource, entry->resource) != 0) ||
            (in->body.type && strcmp(in->body.type, entry->type) != 0) ||
            (id && (!entry->subject || strcmp(id, entry->subject) != 0)))
            continue;
        r = show(exchange, entry, &item);
        return r == 0 ? answer_object(exchange, 200, render_item, &item) : r;
    }
    return r == 0 ? answer_object(exchange, 200, render_nothing, NULL) : r;
}

static void render_options(struct json_builder *builder, struct json_parent root,
                           const void *value) {
    const struct entries *entries = value;
    for (size_t i = 0; i < entries->count; i++) {
        char id[FRIENDLY_ID_SIZE];
        struct json_parent option = json_add_object(builder, root, NULL);
        audit_log_format_id(entries->log, &entries->items[i], id);
        json_add_text(builder, option, "id", id);
        json_add_instant(builder, option, "date", entries->items[i].time);
        json_add_text(builder, option, "username", entries->items[i].username);
    }
}

int handle_list_audit_log_from_resource_id(struct exchange *exchange, const void *input) {
    const struct list_audit_log_from_resource_id_input *in = input;
    struct entries entries = {.log = exchange->sandbox->audit_log};
    size_t count = 0;
    int r = audit_log_list(exchange->sandbox->audit_log, in->tenant, &exchange->request.arena,
                           &entries.items, &entries.count);
    for (size_t i = 0; r == 0 && i < entries.count; i++)
        if (entries.items[i].subject && strcmp(entries.items[i].subject, in->detail_id) == 0)
            entries.items[count++] = entries.items[i];
    entries.count = count;
    return r == 0 ? answer_array(exchange, 200, render_options, &entries) : r;
}

static int answer_diff(struct exchange *exchange, const char *tenant, const char *wanted) {
    static const char nothing[] = "{\"before\":\"\",\"after\":\"\"}";
    struct audit_entry *entries;
    size_t count;
    int r = audit_log_list(exchange->sandbox->audit_log, tenant, &exchange->request.arena, &entries,
                           &count);
    for (size_t i = 0; r == 0 && i < count; i++) {
        char id[FRIENDLY_ID_SIZE];
        audit_log_format_id(exchange->sandbox->audit_log, &entries[i], id);
        if (strcmp(id, wanted) != 0)
            continue;
        response_set_static(&exchange->response, 200, "application/json", nothing,
                            sizeof(nothing) - 1);
        return 0;
    }
    if (r == 0)
        exchange_fail(
            exchange, ERROR_NOT_FOUND,
            arena_format(&exchange->request.arena, "Audit log does not exist for id '%s'", wanted));
    return r;
}

int handle_get_resource_diff_from_audit_log(struct exchange *exchange, const void *input) {
    const struct get_resource_diff_from_audit_log_input *in = input;
    return answer_diff(exchange, in->tenant, in->id);
}

int handle_get_global_resource_diff_from_audit_log(struct exchange *exchange, const void *input) {
    const struct get_global_resource_diff_from_audit_log_input *in = input;
    return answer_diff(exchange, NULL, in->id);
}
