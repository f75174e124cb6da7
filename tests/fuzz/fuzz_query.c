/* Input: a query. It is parsed, checked, and used for a search. */
#include <stdlib.h>
#include <string.h>

#include "contract/validate.h"
#include "exchange/query.h"
#include "exchange/request.h"
#include "fuzz.h"
#include "iam/listing.h"

static const struct schema text = {.type = SCHEMA_STRING};
static const struct schema number = {.type = SCHEMA_INTEGER, .minimum = 1, .fallback = 7};
static const struct schema list = {.type = SCHEMA_ARRAY, .items = &text};
static const struct field fields[] = {
    {.name = "q", .schema = &text},
    {.name = "page", .schema = &number},
    {.name = "sort", .schema = &list},
};
static const struct schema schema = {.type = SCHEMA_OBJECT, .fields = fields, .n_fields = 3};

static void search(const cJSON *tree) {
    const char *q = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(tree, "q"));
    /* A q with words must match itself. */
    if (listing_rows_match_words(q, (const char *const[]){"a b", NULL}, 2) && q &&
        !listing_rows_match_words(q, &q, 1))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *target = malloc(size + 3);
    struct request request;
    cJSON *tree = NULL;
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
    if (r == 0) {
        struct violations violations = {.arena = &request.arena};
        if (validate_value(&schema, tree, &json_root, &violations) != 0)
            abort();
        search(tree);
    } else if (r < 0) {
        abort();
    }
    cJSON_Delete(tree);
    request_deinit(&request);
    free(target);
    return 0;
}
