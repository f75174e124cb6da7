#include <string.h>

#include "match/pattern_parts.h"

enum { PART_COST = 4 };

/* As WireMock does, compares the name of the file only beside headers or the content, and the name
 * of the part never: clients put it into a matcher of Content-Disposition. */
static int match_part(const struct pattern_part *wanted, struct matching *matching,
                      const struct match_part *part) {
    struct match_value content = {.text = part->content, .size = part->content_size};
    int r = budget_spend(&matching->budget, PART_COST) ? 0 : 1;
    if (!wanted->has_headers && !wanted->has_body)
        return r;
    if (r == 0 && wanted->file_name)
        r = strcmp(wanted->file_name, part->file_name ? part->file_name : "") == 0 ? 0 : 1;
    for (size_t i = 0; i < wanted->headers.count && r == 0; i++) {
        struct match_value *values;
        size_t count;
        r = pattern_field_match(&wanted->headers.items[i], matching, &part->headers, true, &values,
                                &count);
    }
    for (size_t i = 0; i < wanted->n_body && r == 0; i++)
        r = matcher_match(wanted->body[i].matcher, matching, &content);
    return r;
}

int part_matcher_match(const struct pattern_part *wanted, struct matching *matching) {
    const struct match_parts *parts;
    int r = match_subject_parts(matching->subject, &parts);
    if (r < 0 || parts->count == 0)
        return r < 0 ? r : 1;
    r = wanted->takes_all ? 0 : 1;
    for (size_t i = 0; i < parts->count && r >= 0 && (r == 0) == wanted->takes_all; i++)
        r = match_part(wanted, matching, &parts->items[i]);
    return r;
}
