/* Stub mappings. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "admin/admin_answer.h"
#include "admin_input.h"
#include "json/json_compare.h"
#include "log.h"
#include "sandbox/journal.h"
#include "stubs/mapping_files.h"
#include "stubs/mapping_writer.h"
#include "util/cleanup.h"
#include "util/fatal.h"

/* How many steps (util/budget.h) a search for a stub with an equal request may take. */
enum { MAX_COMPARISON = 1000000 };

static void cleanup_stubs(struct stubs **stubs) {
    stubs_free(*stubs);
}

static struct stubs *stubs_of(const struct exchange *exchange) {
    return exchange->sandbox->stubs;
}

static int refuse_id(struct exchange *exchange, const char *id) {
    exchange_fail(exchange, ERROR_BAD_REQUEST,
                  arena_format(&exchange->request.arena, "%s is not a valid UUID", id));
    return 0;
}

/* As WireMock does, answers an unknown id with a 404 without a body. */
static int answer_unknown(struct exchange *exchange) {
    response_set_empty(&exchange->response, 404);
    return 0;
}

static int refuse_many(struct exchange *exchange) {
    exchange_fail(exchange, ERROR_NO_ROOM,
                  "the sandbox has no room for more stubs; delete some first");
    return 0;
}

static int refuse_duplicate(struct exchange *exchange, const char *id) {
    const char *detail = arena_format(
        &exchange->request.arena,
        "ID of the provided stub mapping '%s' is already taken by another stub mapping", id);
    return detail ? exchange_fail(exchange, ERROR_DUPLICATE_STUB, detail) : FATAL(ENOMEM);
}

/* The options of stub_parse. */
static unsigned options_of(const struct exchange *exchange) {
    return exchange->config->global_response_templating ? STUB_IS_TEMPLATED : 0;
}

/* Parses a mapping, adds it to the sandbox and answers with it. A mapping that shall have an `id`
 * may replace the one that has it. */
static int add(struct exchange *exchange, const cJSON *mapping, const char *id, int status) {
    struct violations violations = {.arena = &exchange->request.arena};
    struct stub *stub;
    int r = stub_parse(mapping, id, options_of(exchange), &json_root, &violations, &stub);
    if (r != 0)
        return r < 0 ? r : exchange_refuse_body(exchange, ERROR_INVALID_ENTITY, &violations);
    r = admin_answer_text(exchange, status, stub->text);
    if (r == 0)
        r = id ? stubs_add(stubs_of(exchange), stub) : stubs_add_new(stubs_of(exchange), stub);
    if (r == 0)
        return 0;
    if (r == STUBS_EXISTS)
        r = refuse_duplicate(exchange, stub->id);
    else if (r == STUBS_TOO_MANY)
        r = refuse_many(exchange);
    stub_release(stub);
    return r;
}

int handle_create_mapping(struct exchange *exchange, const void *input) {
    (void)input;
    return add(exchange, exchange->body, NULL, 201);
}

static void render_total(struct json_builder *builder, struct json_parent root, const void *value) {
    const size_t *total = value;
    json_add_integer(builder, json_add_object(builder, root, "meta"), "total", (int64_t)*total);
}

static int answer_part(struct exchange *exchange, struct stub *const *stubs, size_t count,
                       size_t total) {
    CLEANUP(admin_list_deinit) struct admin_list list = {0};
    admin_list_begin(&list, exchange, "mappings");
    int r = 0;
    for (size_t i = 0; r == 0 && i < count; i++)
        r = admin_list_add_text(&list, stubs[i]->text);
    return r == 0 ? admin_list_end(&list, render_total, &total) : r;
}

static int answer_list(struct exchange *exchange, const struct stub_list *list) {
    return answer_part(exchange, list->stubs, list->count, list->count);
}

int handle_list_mappings(struct exchange *exchange, const void *input) {
    const struct list_mappings_input *in = input;
    CLEANUP(stub_list_deinit) struct stub_list list = {0};
    int r = stubs_list(stubs_of(exchange), &list);
    if (r < 0)
        return r;
    size_t offset = (size_t)in->query.offset < list.count ? (size_t)in->query.offset : list.count;
    size_t count = list.count - offset;
    if (in->query.limit >= 0 && (size_t)in->query.limit < count)
        count = (size_t)in->query.limit;
    return answer_part(exchange, list.stubs + offset, count, list.count);
}

int handle_delete_mappings(struct exchange *exchange, const void *input) {
    (void)input;
    stubs_clear(stubs_of(exchange));
    return answer_done(exchange, 0, 200, NULL);
}

int handle_get_mapping(struct exchange *exchange, const void *input) {
    const struct get_mapping_input *in = input;
    struct stub *stub;
    if (!uuid_is_valid(in->id))
        return refuse_id(exchange, in->id);
    if (stubs_find(stubs_of(exchange), in->id, &stub) != 0)
        return answer_unknown(exchange);
    int r = admin_answer_text(exchange, 200, stub->text);
    stub_release(stub);
    return r;
}

/* Replaces the mapping that has the id by the one in the body. */
static int replace(struct exchange *exchange, const char *id) {
    struct stub *stub;
    if (!uuid_is_valid(id))
        return refuse_id(exchange, id);
    if (stubs_find(stubs_of(exchange), id, &stub) != 0)
        return answer_unknown(exchange);
    int r = add(exchange, exchange->body, stub->id, 200);
    stub_release(stub);
    return r;
}

int handle_update_mapping(struct exchange *exchange, const void *input) {
    const struct update_mapping_input *in = input;
    return replace(exchange, in->id);
}

/* Returns the id of the mapping in the body, or NULL. */
static const char *id_of_body(const struct exchange *exchange) {
    const char *id = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(exchange->body, "id"));
    const cJSON *uuid = cJSON_GetObjectItemCaseSensitive(exchange->body, "uuid");
    return id ? id : cJSON_GetStringValue(uuid);
}

int handle_edit_mapping(struct exchange *exchange, const void *input) {
    const char *id = id_of_body(exchange);
    (void)input;
    return id ? replace(exchange, id) : answer_unknown(exchange);
}

static int remove_by_id(struct exchange *exchange, const char *id) {
    if (!uuid_is_valid(id))
        return refuse_id(exchange, id);
    if (stubs_remove(stubs_of(exchange), id) != 0)
        return answer_unknown(exchange);
    return answer_done(exchange, 0, 200, NULL);
}

int handle_delete_mapping(struct exchange *exchange, const void *input) {
    const struct delete_mapping_input *in = input;
    return remove_by_id(exchange, in->id);
}

/* Removes the mapping that has the id of the body or, without an id, an equal request. */
int handle_remove_mapping(struct exchange *exchange, const void *input) {
    const char *id = id_of_body(exchange);
    const cJSON *request = cJSON_GetObjectItemCaseSensitive(exchange->body, "request");
    struct budget budget = {.left = MAX_COMPARISON};
    const struct json_comparison comparison = {.arena = &exchange->request.arena,
                                               .budget = &budget};
    CLEANUP(stub_list_deinit) struct stub_list list = {0};
    (void)input;
    if (id)
        return remove_by_id(exchange, id);
    int r = stubs_list(stubs_of(exchange), &list);
    for (size_t i = 0; r == 0 && i < list.count; i++) {
        const cJSON *own = cJSON_GetObjectItemCaseSensitive(list.stubs[i]->json, "request");
        int compared = own && request ? json_compare(&comparison, own, request) : 1;
        if (compared == 0)
            return remove_by_id(exchange, list.stubs[i]->id);
        r = compared < 0 ? compared : 0;
    }
    return r < 0 ? r : answer_unknown(exchange);
}

/* Held while a request reads or writes the directory of --mappings. */
static pthread_mutex_t directory_mutex = PTHREAD_MUTEX_INITIALIZER;

/* Only the default sandbox has the directory: others must not change what that starts with. */
static const char *directory_of(const struct exchange *exchange) {
    bool is_default = strcmp(exchange->sandbox->name, SANDBOX_DEFAULT) == 0;
    return is_default ? exchange->config->mappings : NULL;
}

static int share_stubs(struct exchange *exchange) {
    return exchange->sandboxes ? sandboxes_share_stubs(exchange->sandboxes, stubs_of(exchange)) : 0;
}

/* Answers with the lines that say what is wrong in the files. */
static int refuse_files(struct exchange *exchange, const struct mapping_mistakes *mistakes) {
    const struct buffer *lines = &mistakes->lines;
    const char *detail = arena_format(&exchange->request.arena, "--mappings: %.*s",
                                      (int)lines->size - 1, lines->bytes);
    return detail ? exchange_fail(exchange, ERROR_INVALID_ENTITY, detail) : FATAL(ENOMEM);
}

static void warn_of(const struct exchange *exchange, const struct mapping_mistakes *mistakes) {
    char message[1024];
    char *rest = mistakes->lines.bytes;
    for (char *line; (line = strsep(&rest, "\n")) && *line;) {
        snprintf(message, sizeof(message), "--mappings: %s", line);
        log_write_warning((enum log_format)exchange->config->log, message);
    }
}

/* Reads all before it changes anything. */
static int read_directory(struct exchange *exchange, const char *directory) {
    CLEANUP(cleanup_stubs) struct stubs *fresh = stubs_new();
    CLEANUP(mapping_mistakes_deinit) struct mapping_mistakes mistakes = {0};
    bool skips = exchange->config->invalid_mappings == INVALID_MAPPINGS_SKIP;
    size_t count;
    int r =
        fresh ? mapping_files_load(fresh, directory, options_of(exchange), skips, &count, &mistakes)
              : FATAL(ENOMEM);
    if (r > 0)
        return refuse_files(exchange, &mistakes);
    if (r == 0)
        r = stubs_start_as(stubs_of(exchange), fresh);
    if (r == 0)
        warn_of(exchange, &mistakes);
    return r == 0 ? share_stubs(exchange) : r;
}

/* Answers with the line that says what could not be written. */
static int refuse_directory(struct exchange *exchange, const char *problem) {
    const char *detail = arena_format(&exchange->request.arena, "--mappings: %s", problem);
    return detail ? exchange_fail(exchange, ERROR_INTERNAL, detail) : FATAL(ENOMEM);
}

static int write_directory(struct exchange *exchange, const char *directory) {
    CLEANUP(stub_list_deinit) struct stub_list list = {0};
    char error[MAPPING_WRITER_ERROR_SIZE];
    int r = stubs_list(stubs_of(exchange), &list);
    if (r == 0)
        r = mapping_writer_save(directory, &list, error);
    if (r > 0)
        return refuse_directory(exchange, error);
    if (r == 0)
        r = stubs_save(stubs_of(exchange));
    return r == 0 ? share_stubs(exchange) : r;
}

static int use_directory(struct exchange *exchange, const char *directory,
                         int (*use)(struct exchange *exchange, const char *directory)) {
    pthread_mutex_lock(&directory_mutex);
    int r = use(exchange, directory);
    pthread_mutex_unlock(&directory_mutex);
    return r;
}

/* As WireMock does, also forgets the requests. */
int handle_reset_mappings(struct exchange *exchange, const void *input) {
    const char *directory = directory_of(exchange);
    (void)input;
    int r = directory ? use_directory(exchange, directory, read_directory)
                      : stubs_reset(stubs_of(exchange));
    if (r != 0)
        return r;
    journal_clear(exchange->sandbox->journal);
    return answer_done(exchange, 0, 200, NULL);
}

int handle_save_mappings(struct exchange *exchange, const void *input) {
    const char *directory = directory_of(exchange);
    (void)input;
    int r = directory ? use_directory(exchange, directory, write_directory)
                      : stubs_save(stubs_of(exchange));
    return r != 0 ? r : answer_done(exchange, 0, 200, NULL);
}

/* Lists the stubs whose metadata match the body, and releases all others. */
static int list_by_metadata(struct exchange *exchange, struct stub_list *list) {
    const struct matcher *matcher;
    struct json_tree *trees = NULL;
    int r = admin_parse_matcher(exchange, &trees, &matcher);
    if (r == 0)
        r = stubs_list(stubs_of(exchange), list);
    size_t kept = 0;
    for (size_t i = 0; r == 0 && i < list->count; i++) {
        int matched = stub_match_metadata(list->stubs[i]->metadata, matcher);
        struct stub *stub = list->stubs[i];
        if (matched == 0) {
            list->stubs[i] = list->stubs[kept];
            list->stubs[kept++] = stub;
        }
        r = matched < 0 ? matched : 0;
    }
    for (size_t i = kept; r == 0 && i < list->count; i++)
        stub_release(list->stubs[i]);
    if (r == 0)
        list->count = kept;
    json_trees_free(trees);
    return r;
}

int handle_find_mappings_by_metadata(struct exchange *exchange, const void *input) {
    CLEANUP(stub_list_deinit) struct stub_list list = {0};
    (void)input;
    int r = list_by_metadata(exchange, &list);
    if (r != 0)
        return r;
    return answer_list(exchange, &list);
}

int handle_remove_mappings_by_metadata(struct exchange *exchange, const void *input) {
    CLEANUP(stub_list_deinit) struct stub_list list = {0};
    (void)input;
    int r = list_by_metadata(exchange, &list);
    if (r != 0)
        return r;
    r = answer_list(exchange, &list);
    return r == 0 ? stubs_remove_all(stubs_of(exchange), &list) : r;
}

/* Lists the stubs that have never answered, and releases all others. */
static int list_unused(struct exchange *exchange, struct stub_list *list) {
    int r = stubs_list(stubs_of(exchange), list);
    size_t kept = 0;
    for (size_t i = 0; r == 0 && i < list->count; i++) {
        if (stubs_was_used(stubs_of(exchange), list->stubs[i]))
            stub_release(list->stubs[i]);
        else
            list->stubs[kept++] = list->stubs[i];
    }
    if (r == 0)
        list->count = kept;
    return r;
}

int handle_list_unmatched_mappings(struct exchange *exchange, const void *input) {
    CLEANUP(stub_list_deinit) struct stub_list list = {0};
    (void)input;
    int r = list_unused(exchange, &list);
    return r < 0 ? r : answer_list(exchange, &list);
}

int handle_delete_unmatched_mappings(struct exchange *exchange, const void *input) {
    CLEANUP(stub_list_deinit) struct stub_list list = {0};
    (void)input;
    int r = list_unused(exchange, &list);
    if (r == 0)
        r = stubs_remove_all(stubs_of(exchange), &list);
    return answer_done(exchange, r, 200, NULL);
}

/* Parses all mappings before any is added. */
static int parse_all(struct exchange *exchange, const cJSON *mappings, struct stub_list *list) {
    struct violations violations = {.arena = &exchange->request.arena};
    const struct json_place root = exchange_body_place(exchange);
    const struct json_place place = json_place_member(&root, "mappings");
    const cJSON *mapping;
    list->stubs = calloc((size_t)cJSON_GetArraySize(mappings) + 1, sizeof(struct stub *));
    if (!list->stubs)
        return FATAL(ENOMEM);
    size_t index = 0;
    cJSON_ArrayForEach (mapping, mappings) {
        const struct json_place element = json_place_element(&place, index++);
        int r = cancellation_check_growth(exchange->cancellation, SIZE_MAX);
        if (r == 0)
            r = stub_parse(mapping, NULL, options_of(exchange), &element, &violations,
                           &list->stubs[list->count]);
        if (r < 0)
            return r;
        list->count += r == 0;
        if (violations.count >= VIOLATIONS_KEPT)
            break;
    }
    return violations.count > 0 ? exchange_refuse_body(exchange, ERROR_INVALID_ENTITY, &violations)
                                : 0;
}

int handle_import_mappings(struct exchange *exchange, const void *input) {
    const struct import_mappings_input *in = input;
    const cJSON *options = in->body.import_options;
    const char *policy =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(options, "duplicatePolicy"));
    unsigned chosen = policy && strcmp(policy, "IGNORE") == 0 ? IMPORT_KEEPS_KNOWN : 0;
    if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(options, "deleteAllNotInImport")))
        chosen |= IMPORT_REMOVES_OTHERS;
    CLEANUP(stub_list_deinit) struct stub_list list = {0};
    if (cJSON_GetArraySize(in->body.mappings) > STUBS_MAX)
        return refuse_many(exchange);
    int r = parse_all(exchange, in->body.mappings, &list);
    if (r != 0)
        return r;
    r = stubs_import(stubs_of(exchange), &list, chosen);
    return r == STUBS_TOO_MANY ? refuse_many(exchange) : answer_done(exchange, r, 200, NULL);
}
