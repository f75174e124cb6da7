/* Input: the filters of a query. They are parsed and applied to rows. */
#include <stdlib.h>
#include <string.h>

#include "contract/validate.h"
#include "exchange/query.h"
#include "exchange/request.h"
#include "fuzz.h"
#include "iam/listing.h"

struct input {
    struct name_value_list filters;
};

static const struct schema object = {.type = SCHEMA_OBJECT};
static const struct field fields[] = {{.name = "filters",
                                       .schema = &object,
                                       .bind = BIND_PAIRS,
                                       .offset = offsetof(struct input, filters)}};
static const struct schema schema = {.type = SCHEMA_OBJECT, .fields = fields, .n_fields = 1};

static const char *const flags[] = {"true", "false", NULL};
static const struct listing_column columns[] = {
    {.name = "name", .searched = true},
    {.name = "homeTown", .any_case = true},
    {.name = "superAdmin", .any_case = true, .values = flags},
};
static const char *const rows[][3] = {
    {"ada", "Paris", "true"}, {"Bob", NULL, "false"}, {"", "b\xc3\xbc", "true"}};

/* Counts the rows that pass the filters. Returns -1 and *reterr_problem when the filters are
 * refused. */
static int count(const struct name_value_list *filters, struct arena *arena,
                 const char **reterr_problem) {
    const struct listing_request request = {.page = 1, .size = 3, .filters = *filters};
    struct listing listing;
    int r = listing_init(&listing, &request, columns, 3, arena, reterr_problem);
    for (int i = 0; r == 0 && i < 3; i++)
        r = listing_visit(&listing, i, rows[i]);
    if (r != 0 && (r != IAM_INVALID_FILTER || !*reterr_problem))
        abort();
    return r == 0 ? (int)listing.total : -1;
}

/* A group with one member means the same as the member. */
static void check_group(const struct name_value_list *filters, int expected, struct arena *arena) {
    struct name_value *pairs = arena_alloc(arena, filters->count * sizeof(*pairs));
    const char *problem = NULL;
    for (size_t i = 0; i < filters->count; i++)
        pairs[i] = (struct name_value){
            arena_format(arena, "filters[or][7]%s", strchr(filters->items[i].name, '[')),
            filters->items[i].value};
    int found = count(&(struct name_value_list){filters->count, pairs}, arena, &problem);
    if (found != expected && (!problem || !strstr(problem, "too deeply")))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *target = malloc(size + 3);
    struct request request;
    struct input input = {0};
    cJSON *tree = NULL;
    const char *problem = NULL;
    if (!target)
        abort();
    memcpy(target, "/?", 2);
    memcpy(target + 2, data, size);
    target[size + 2] = '\0';
    if (request_init(&request, target) < 0)
        abort();
    size_t length;
    const char *query = request_query(&request, &length);
    int r = query_read(&schema, query, length, &request.arena, &tree);
    if (r < 0 || (r == 0 && validate_bind(&schema, tree, &request.arena, &input) < 0))
        abort();
    int found = count(&input.filters, &request.arena, &problem);
    if (found >= 0)
        check_group(&input.filters, found, &request.arena);
    cJSON_Delete(tree);
    request_deinit(&request);
    free(target);
    return 0;
}
