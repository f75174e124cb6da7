#include "api/scim_listing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/answer.h"
#include "json/json.h"
#include "scim/scim_description.h"
#include "util/cleanup.h"
#include "util/fatal.h"

enum { MAX_STEPS = 20 * 1000 * 1000 }; /* about a second */

struct scim_row {
    const char *key; /* or NULL */
    const char *name;
    size_t number; /* in the store's order, and later on the page */
    bool exact;
};

static int refuse(struct exchange *exchange, enum scim_outcome outcome, const char *problem) {
    scim_refuse(exchange, outcome, problem);
    return EXCHANGE_ANSWERED;
}

static int read_names(struct exchange *exchange, const cJSON *list, struct string_list *ret_names) {
    struct string_list names = {.present = list != NULL};
    const cJSON *name;
    if (!list || cJSON_IsNull(list))
        return 0;
    names.items = arena_alloc(&exchange->request.arena,
                              (size_t)cJSON_GetArraySize(list) * sizeof(*names.items));
    if (!names.items)
        return FATAL(ENOMEM);
    cJSON_ArrayForEach (name, list) {
        if (!cJSON_IsString(name))
            return refuse(exchange, SCIM_INVALID_VALUE, "attributes must be strings");
        names.items[names.count++] = name->valuestring;
    }
    *ret_names = names;
    return 0;
}

static int read_text(struct exchange *exchange, const char *name, const char **ret_text) {
    const cJSON *member = cJSON_GetObjectItem(exchange->body, name);
    if (member && !cJSON_IsString(member) && !cJSON_IsNull(member))
        return refuse(exchange, SCIM_INVALID_VALUE, "filter, sortBy and sortOrder must be strings");
    *ret_text = cJSON_GetStringValue(member);
    return 0;
}

static int read_number(struct exchange *exchange, const char *name, int64_t fallback,
                       int64_t *ret_number) {
    const cJSON *member = cJSON_GetObjectItem(exchange->body, name);
    if (member && !cJSON_IsNull(member) && !json_is_integer(member))
        return refuse(exchange, SCIM_INVALID_VALUE, "startIndex and count must be integers");
    *ret_number =
        member && !cJSON_IsNull(member) ? (int64_t)cJSON_GetNumberValue(member) : fallback;
    return 0;
}

int scim_query_read(struct exchange *exchange, struct scim_query *ret_query) {
    struct scim_query query = {0};
    int r =
        read_names(exchange, cJSON_GetObjectItem(exchange->body, "attributes"), &query.attributes);
    if (r == 0)
        r = read_names(exchange, cJSON_GetObjectItem(exchange->body, "excludedAttributes"),
                       &query.excluded);
    if (r == 0)
        r = read_text(exchange, "filter", &query.filter);
    if (r == 0)
        r = read_text(exchange, "sortBy", &query.sort_by);
    if (r == 0)
        r = read_text(exchange, "sortOrder", &query.sort_order);
    if (r == 0)
        r = read_number(exchange, "startIndex", 1, &query.start_index);
    if (r == 0)
        r = read_number(exchange, "count", SCIM_DEFAULT_COUNT, &query.count);
    if (r == 0)
        *ret_query = query;
    return r;
}

static int init_order(struct scim_listing *listing) {
    const struct scim_query *query = listing->query;
    const char *order = query->sort_order;
    if (order && strcasecmp(order, "ascending") != 0 && strcasecmp(order, "descending") != 0)
        return refuse(listing->exchange, SCIM_INVALID_VALUE,
                      "sortOrder is ascending or descending");
    if (query->sort_by &&
        (!scim_path_parse(listing->type, query->sort_by, strlen(query->sort_by), &listing->sort) ||
         !listing->sort.attribute))
        return refuse(listing->exchange, SCIM_INVALID_PATH,
                      "sortBy names an attribute that the resource does not have");
    return 0;
}

static int init_filter(struct scim_listing *listing, const char *name) {
    const char *text = listing->query->filter;
    const char *problem;
    if (!text)
        return 0;
    int r = scim_filter_parse(listing->type, NULL, text, strlen(text),
                              &listing->exchange->request.arena, &listing->filter, &problem);
    if (r > 0)
        return refuse(listing->exchange, SCIM_INVALID_FILTER, problem);
    if (r == 0)
        listing->key = scim_filter_key(listing->filter, name);
    return r;
}

int scim_listing_init(struct scim_listing *listing, struct exchange *exchange,
                      const struct scim_resource_type *type, const char *name,
                      const struct scim_query *query) {
    int64_t count = query->count < 0                ? 0
                    : query->count > SCIM_MAX_COUNT ? SCIM_MAX_COUNT
                                                    : query->count;
    *listing = (struct scim_listing){
        .exchange = exchange, .type = type, .query = query, .budget.left = MAX_STEPS};
    listing->first = query->start_index > 1 ? query->start_index - 1 : 0;
    listing->end = listing->first > INT64_MAX - count ? INT64_MAX : listing->first + count;
    listing->page = calloc((size_t)count + 1, sizeof(*listing->page));
    int r = listing->page ? init_order(listing) : FATAL(ENOMEM);
    return r == 0 ? init_filter(listing, name) : r;
}

void scim_listing_deinit(struct scim_listing *listing) {
    for (size_t i = 0; i < listing->n_page; i++)
        cJSON_Delete(listing->page[i].resource);
    free(listing->page);
}

static int compare_names(const void *a, const void *b) {
    return strcmp(((const struct scim_row *)a)->name, ((const struct scim_row *)b)->name);
}

static struct scim_row *find_row(struct scim_listing *listing, const char *name) {
    const struct scim_row wanted = {.name = name};
    return bsearch(&wanted, listing->rows, listing->n_rows, sizeof(*listing->rows), compare_names);
}

static bool is_on_page(const struct scim_listing *listing, int64_t number) {
    return number >= listing->first && number < listing->end;
}

bool scim_listing_wants(struct scim_listing *listing, const char *name) {
    if (listing->collects)
        return find_row(listing, name) != NULL;
    if (listing->key && strcasecmp(listing->key, name) != 0)
        return false;
    if (listing->filter || listing->sort.attribute)
        return true;
    return is_on_page(listing, listing->total++);
}

static char *copy(struct scim_listing *listing, const char *text) {
    return arena_copy(&listing->exchange->request.arena, text, strlen(text));
}

static int add_row(struct scim_listing *listing, const char *name, const cJSON *tree) {
    const char *key = scim_resource_sort_key(tree, &listing->sort);
    struct scim_row *rows = arena_grow(&listing->exchange->request.arena, listing->rows,
                                       listing->n_rows, sizeof(*rows), &listing->capacity);
    if (!rows)
        return FATAL(ENOMEM);
    const struct scim_attribute *attribute =
        listing->sort.sub ? listing->sort.sub : listing->sort.attribute;
    struct scim_row row = {
        .name = copy(listing, name),
        .key = key ? copy(listing, key) : NULL,
        .number = listing->n_rows,
        .exact = attribute->flags & SCIM_EXACT,
    };
    listing->rows = rows;
    listing->rows[listing->n_rows++] = row;
    return row.name && (row.key || !key) ? 0 : FATAL(ENOMEM);
}

int scim_listing_take(struct scim_listing *listing, const char *name, struct scim_tree *tree) {
    if (tree->failed)
        return FATAL(ENOMEM);
    if (listing->collects) {
        const struct scim_row *row = find_row(listing, name);
        if (!row)
            return 0; /* it was not wanted */
        struct scim_place *place = &listing->page[row->number];
        cJSON_Delete(place->resource);
        place->resource = TAKE(tree->root);
        return 0;
    }
    bool matches =
        !listing->filter || scim_filter_matches(listing->filter, tree->root, &listing->budget);
    if (listing->budget.exhausted)
        return IAM_REFUSED;
    if (!matches)
        return 0;
    /* Without filter and order the total has counted it already. */
    bool counts = listing->filter || listing->sort.attribute;
    int64_t number = counts ? listing->total++ : listing->first;
    if (listing->sort.attribute)
        return add_row(listing, name, tree->root);
    if (is_on_page(listing, number))
        listing->page[listing->n_page++].resource = TAKE(tree->root);
    return 0;
}

/* Resources without a value come last in both orders, which the sign does not change. */
static int compare_rows(const struct scim_row *left, const struct scim_row *right, int sign) {
    if (!left->key || !right->key) {
        int missing = (left->key == NULL) - (right->key == NULL);
        return missing ? missing : (left->number > right->number) - (left->number < right->number);
    }
    int order = (left->exact ? strcmp : strcasecmp)(left->key, right->key);
    return order ? sign * order : (left->number > right->number) - (left->number < right->number);
}

static int compare_ascending(const void *a, const void *b) {
    return compare_rows(a, b, 1);
}

static int compare_descending(const void *a, const void *b) {
    return compare_rows(a, b, -1);
}

bool scim_listing_goes_on(struct scim_listing *listing) {
    const char *order = listing->query->sort_order;
    if (listing->collects || listing->n_rows == 0)
        return false;
    qsort(listing->rows, listing->n_rows, sizeof(*listing->rows),
          order && strcasecmp(order, "descending") == 0 ? compare_descending : compare_ascending);
    size_t first =
        (uint64_t)listing->first < listing->n_rows ? (size_t)listing->first : listing->n_rows;
    size_t end = (uint64_t)listing->end < listing->n_rows ? (size_t)listing->end : listing->n_rows;
    listing->rows += first;
    listing->n_rows = end - first;
    for (size_t i = 0; i < listing->n_rows; i++)
        listing->rows[i].number = i;
    qsort(listing->rows, listing->n_rows, sizeof(*listing->rows), compare_names);
    listing->n_page = listing->n_rows;
    listing->collects = true;
    return listing->n_rows > 0;
}

int scim_listing_answer(struct scim_listing *listing, int r) {
    CLEANUP(json_builder_deinit) struct json_builder builder = answer_builder(listing->exchange);
    int64_t count = 0;
    if (r == IAM_REFUSED)
        return scim_refuse(listing->exchange, SCIM_TOO_MANY, "the filter would take too long");
    if (r != 0)
        return r;
    for (size_t i = 0; i < listing->n_page; i++)
        count += listing->page[i].resource != NULL; /* or it was deleted meanwhile */
    struct json_parent root = json_begin_object(&builder);
    json_add_text(&builder, json_add_array(&builder, root, "schemas"), NULL, SCIM_LIST_URN);
    json_add_integer(&builder, root, "totalResults", listing->total);
    json_add_integer(&builder, root, "startIndex", listing->first + 1);
    json_add_integer(&builder, root, "itemsPerPage", count);
    struct json_parent resources = json_add_array(&builder, root, "Resources");
    for (size_t i = 0; i < listing->n_page; i++) {
        cJSON *resource = listing->page[i].resource;
        if (!resource)
            continue;
        scim_resource_project(listing->type, resource, &listing->query->attributes,
                              &listing->query->excluded);
        json_add_copy(&builder, resources, NULL, resource);
    }
    return scim_answer(listing->exchange, 200, &builder);
}
