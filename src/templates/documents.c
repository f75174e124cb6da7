#include "templates/documents.h"

#include <errno.h>
#include <string.h>

#include "json/json.h"
#include "templates/value_print.h"
#include "util/fatal.h"

enum { BYTES_PER_STEP = 16 };

/* A text, and what it says. */
struct document {
    const struct document *next;
    const char *text;
    size_t size;
    const cJSON *json; /* NULL: no JSON */
};

int documents_keep(struct evaluation *evaluation, cJSON *tree) {
    struct json_tree *kept = tree ? arena_alloc(evaluation->room.arena, sizeof(*kept)) : NULL;
    if (!kept) {
        cJSON_Delete(tree);
        return FATAL(ENOMEM);
    }
    kept->tree = tree;
    kept->next = evaluation->trees;
    evaluation->trees = kept;
    return 0;
}

bool documents_afford(struct evaluation *evaluation, const cJSON *json) {
    return budget_spend(evaluation->room.budget, json_memory(json) / BYTES_PER_STEP);
}

int documents_copy(struct evaluation *evaluation, const struct call *call, const cJSON *json,
                   cJSON **ret_copy) {
    if (!documents_afford(evaluation, json))
        return evaluation_check(evaluation, call, 0);
    cJSON *copy = cJSON_Duplicate(json, true);
    int r = documents_keep(evaluation, copy);
    if (r == 0)
        *ret_copy = copy;
    return r;
}

static int parse(struct evaluation *evaluation, const struct call *call, const struct value *text,
                 const cJSON **ret_json) {
    struct document *document = arena_alloc(evaluation->room.arena, sizeof(*document));
    const char *reason;
    if (!document)
        return FATAL(ENOMEM);
    *document = (struct document){evaluation->documents, text->text, text->size, NULL};
    if (!budget_spend(evaluation->room.budget,
                      1 + json_estimate_memory(text->text, text->size) / BYTES_PER_STEP))
        return evaluation_check(evaluation, call, 0);
    int r = json_trees_parse(&evaluation->trees, evaluation->room.arena, text->text, text->size,
                             &document->json, &reason);
    if (r < 0)
        return r;
    evaluation->documents = document;
    *ret_json = document->json;
    return 0;
}

int documents_read(struct evaluation *evaluation, const struct call *call,
                   const struct value *value, const cJSON **ret_json) {
    struct value single = value_single(value);
    struct value text = {.kind = VALUE_TEXT};
    if (single.kind == VALUE_JSON) {
        *ret_json = single.json;
        return 0;
    }
    bool is_container = value_is_list(&single) || value_is_map(&single);
    int r = evaluation_check(
        evaluation, call,
        is_container ? value_json_text(&evaluation->room, &single, &text.text, &text.size)
                     : value_text(&evaluation->room, &single, &text.text, &text.size));
    if (r != 0)
        return r;
    for (const struct document *known = evaluation->documents; known; known = known->next) {
        if (!budget_spend(evaluation->room.budget, 1))
            return evaluation_check(evaluation, call, 0);
        if (known->text != text.text || known->size != text.size)
            continue;
        *ret_json = known->json;
        return 0;
    }
    return parse(evaluation, call, &text, ret_json);
}
