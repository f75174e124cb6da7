/* Input: a stub mapping, which is matched against one request. If it is accepted, its own text must
 * parse as the same mapping. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "json/json.h"
#include "match_request.h"
#include "refusal.h"
#include "stubs/stubs.h"
#include "util/cleanup.h"
#include "util/text.h"

static const char request[] = "PUT /a/b?q=1\nContent-Type: application/json\nCookie: c=d\n\n"
                              "{\"a\":[1,{\"b\":\"x\"}]}";

static int parse(const char *text, size_t size, struct stub **ret_stub) {
    cJSON *tree = NULL;
    struct json_error json_error;
    CLEANUP(refusal_deinit) struct refusal refusal;
    refusal_init(&refusal);
    if (json_parse(text, size, &tree, &json_error) != 0)
        return 1;
    int r = stub_parse(tree, NULL, STUB_IS_TEMPLATED, &json_root, &refusal.violations, ret_stub);
    cJSON_Delete(tree);
    if (r < 0 || (r > 0 && !*refusal_message(&refusal)))
        abort();
    return r;
}

static void check(const struct stub *stub) {
    struct stub *again = NULL;
    if (!uuid_is_valid(stub->id) || !text_is_utf8(stub->text, strlen(stub->text)) ||
        stub->memory < strlen(stub->text) || (stub->body && stub->body_file))
        abort();
    for (size_t i = 0; i < stub->headers.count; i++)
        if (!*stub->headers.items[i].name || !*stub->headers.items[i].value ||
            strpbrk(stub->headers.items[i].value, "\r\n"))
            abort();
    if (parse(stub->text, strlen(stub->text), &again) != 0 || strcmp(stub->text, again->text) != 0)
        abort();
    stub_release(again);
}

static void match(struct stubs *stubs) {
    for (int i = 0; i < 2; i++) {
        struct arena arena;
        struct match_subject subject;
        struct stubs_use use = {0};
        arena_init(&arena);
        if (!match_request_read(request, strlen(request), &arena, &subject))
            abort();
        int r = stubs_match(stubs, &subject, false, &use);
        if (r < 0 || use.delay_ms < 0 || use.delay_ms > DELAY_MAX_MS)
            abort();
        if (r == 0)
            stub_release(use.stub);
        match_subject_deinit(&subject);
        arena_deinit(&arena);
        if (stubs_save(stubs) != 0 || stubs_reset(stubs) != 0)
            abort();
    }
    struct json_builder builder = {0};
    stubs_render_scenarios(stubs, &builder, json_begin_array(&builder));
    if (json_end(&builder) != 0)
        abort();
    json_builder_deinit(&builder);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct stub *stub = NULL;
    if (parse((const char *)data, size, &stub) != 0)
        return 0;
    check(stub);
    struct stubs *stubs = stubs_new();
    if (!stubs)
        abort();
    if (stubs_add(stubs, stub) == 0)
        match(stubs);
    else
        stub_release(stub);
    stubs_free(stubs);
    return 0;
}
