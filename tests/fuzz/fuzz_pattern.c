/* Input: a request pattern, a blank line, and a request for match_request.h. Both ways to match
 * must agree, also when they are repeated with everything parsed. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "json/json.h"
#include "match/pattern.h"
#include "match_request.h"
#include "refusal.h"
#include "util/cleanup.h"

static void match(const struct pattern *pattern, const char *request, size_t size) {
    struct arena arena;
    struct match_subject subject;
    struct match_report report = {0};
    arena_init(&arena);
    if (!match_request_read(request, size, &arena, &subject))
        abort();
    int first = pattern_match(pattern, &subject);
    int second = pattern_match(pattern, &subject);
    /* The body is parsed as JSON only once, so the second match has more budget left. */
    if (first < 0 || second < 0 || second > first)
        abort();
    if (pattern_compare(pattern, &subject, &report) != 0)
        abort();
    if ((report.count == 0) != (report.distance <= 0) || report.distance > 1.0001)
        abort();
    if (report.count == 0 && second != 0)
        abort();
    for (size_t i = 0; i < report.count; i++)
        if (!report.differences[i].part || !report.differences[i].expected)
            abort();
    match_subject_deinit(&subject);
    arena_deinit(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *text = (const char *)data;
    const char *gap = memmem(text, size, "\n\n", 2);
    size_t pattern_size = gap ? (size_t)(gap - text) : size;
    cJSON *tree = NULL;
    struct json_error json_error;
    struct pattern *pattern = NULL;
    CLEANUP(refusal_deinit) struct refusal refusal;
    refusal_init(&refusal);
    if (json_parse(text, pattern_size, &tree, &json_error) != 0)
        return 0;
    int r = pattern_parse(tree, &json_root, &refusal.violations, &pattern);
    cJSON_Delete(tree);
    if (r < 0)
        abort();
    if (r > 0 && !*refusal_message(&refusal))
        abort();
    if (r == 0)
        match(pattern, gap ? gap + 2 : "", gap ? size - pattern_size - 2 : 0);
    pattern_free(pattern);
    return 0;
}
