#define PCRE2_CODE_UNIT_WIDTH 8
#include "util/regex.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pcre2.h>

#include "util/fatal.h"
#include "util/regex_java.h"

/* Backtracking may take this many steps, and more for each byte of the text, so that `.*x.*` can
 * search a long text. */
enum { MATCH_LIMIT = 10000, STEPS_PER_BYTE = 4, DEPTH_LIMIT = 50000, HEAP_LIMIT_KIB = 8192 };

/* What a match costs of the budget. Few matches reach their limits. */
enum { MATCH_COST = 100, BYTES_PER_STEP = 16 };

struct regex {
    pcre2_code *code; /* in the arena too, so that nobody has to free it */
};

static void *take_from_arena(size_t size, void *arena) {
    return arena_alloc(arena, size);
}

static void leave_to_arena(void *memory, void *arena) {
    (void)memory;
    (void)arena;
}

static void *take_from_heap(size_t size, void *unused) {
    (void)unused;
    return malloc(size);
}

static void give_to_heap(void *memory, void *unused) {
    (void)unused;
    free(memory);
}

static int compile(const char *pattern, unsigned mode, struct arena *arena,
                   const struct regex **ret_regex, char reterr_error[REGEX_ERROR_SIZE]) {
    struct regex *regex = arena_alloc(arena, sizeof(*regex));
    pcre2_general_context *memory =
        pcre2_general_context_create(take_from_arena, leave_to_arena, arena);
    pcre2_compile_context *context = memory ? pcre2_compile_context_create(memory) : NULL;
    if (!regex || !context)
        return FATAL(ENOMEM);
    uint32_t options = PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C | PCRE2_DOLLAR_ENDONLY;
    if (mode & REGEX_WHOLE)
        options |= PCRE2_ANCHORED | PCRE2_ENDANCHORED;
    if (mode & REGEX_CASELESS)
        options |= PCRE2_CASELESS;
    if (mode & REGEX_DOTALL)
        options |= PCRE2_DOTALL;
    int number;
    PCRE2_SIZE offset;
    pcre2_set_max_pattern_length(context, REGEX_MAX_SIZE);
    regex->code =
        pcre2_compile((PCRE2_SPTR)pattern, strlen(pattern), options, &number, &offset, context);
    if (!regex->code) {
        unsigned char reason[REGEX_ERROR_SIZE / 2] = "";
        if (number == PCRE2_ERROR_HEAP_FAILED || number == PCRE2_ERROR_NOMEMORY)
            return FATAL(ENOMEM);
        pcre2_get_error_message(number, reason, sizeof(reason));
        snprintf(reterr_error, REGEX_ERROR_SIZE, "%s at byte %zu", (const char *)reason,
                 (size_t)offset);
        return 1;
    }
    *ret_regex = regex;
    return 0;
}

static int compile_java(const char *pattern, unsigned mode, struct arena *arena,
                        const struct regex **ret_regex, char reterr_error[REGEX_ERROR_SIZE]) {
    struct buffer translated = {0};
    const char *reason = NULL;
    int r = regex_from_java(pattern, REGEX_MAX_SIZE, &translated, &reason);
    if (r > 0)
        snprintf(reterr_error, REGEX_ERROR_SIZE, "%s", reason);
    else if (r == 0)
        r = compile(translated.size > 0 ? translated.bytes : "", mode, arena, ret_regex,
                    reterr_error);
    buffer_deinit(&translated);
    return r;
}

int regex_compile(const char *pattern, unsigned mode, struct arena *arena,
                  const struct regex **ret_regex, char reterr_error[REGEX_ERROR_SIZE]) {
    if (mode & REGEX_JAVA)
        return compile_java(pattern, mode, arena, ret_regex, reterr_error);
    return compile(pattern, mode, arena, ret_regex, reterr_error);
}

/* Copies what the groups of a match are. */
static int copy_groups(const char *text, pcre2_match_data *data, struct arena *arena,
                       const struct regex_group **ret_groups, size_t *ret_count) {
    const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(data);
    size_t count = pcre2_get_ovector_count(data);
    struct regex_group *groups = arena_alloc(arena, count * sizeof(*groups));
    if (!groups)
        return PCRE2_ERROR_NOMEMORY;
    for (size_t i = 0; i < count; i++)
        if (ends[2 * i] != PCRE2_UNSET && ends[2 * i] <= ends[2 * i + 1])
            groups[i] = (struct regex_group){text + ends[2 * i], ends[2 * i + 1] - ends[2 * i]};
    *ret_groups = groups;
    *ret_count = count;
    return 0;
}

/* With an arena also returns the groups. */
static int run(const pcre2_code *code, const char *text, size_t size, struct arena *arena,
               const struct regex_group **ret_groups, size_t *ret_count) {
    pcre2_general_context *memory =
        pcre2_general_context_create(take_from_heap, give_to_heap, NULL);
    pcre2_match_context *context = memory ? pcre2_match_context_create(memory) : NULL;
    pcre2_match_data *data = NULL;
    int rc = PCRE2_ERROR_NOMEMORY;
    if (memory)
        data = arena ? pcre2_match_data_create_from_pattern(code, memory)
                     : pcre2_match_data_create(1, memory);
    if (context && data) {
        size_t steps =
            MATCH_LIMIT + (size < UINT32_MAX / 8 ? size : UINT32_MAX / 8) * STEPS_PER_BYTE;
        pcre2_set_match_limit(context, (uint32_t)steps);
        pcre2_set_depth_limit(context, DEPTH_LIMIT);
        pcre2_set_heap_limit(context, HEAP_LIMIT_KIB);
        rc = pcre2_match(code, (PCRE2_SPTR)text, size, 0, 0, data, context);
        if (rc >= 0 && arena)
            rc = copy_groups(text, data, arena, ret_groups, ret_count);
    }
    pcre2_match_data_free(data);
    pcre2_match_context_free(context);
    pcre2_general_context_free(memory);
    return rc;
}

int regex_find(const struct regex *regex, const char *text, size_t size, struct budget *budget,
               struct arena *arena, const struct regex_group **ret_groups, size_t *ret_count) {
    if (!budget_spend(budget, MATCH_COST + size / BYTES_PER_STEP))
        return 1;
    int rc = run(regex->code, text, size, arena, ret_groups, ret_count);
    if (rc == PCRE2_ERROR_NOMEMORY)
        return FATAL(ENOMEM);
    if (rc == PCRE2_ERROR_MATCHLIMIT || rc == PCRE2_ERROR_DEPTHLIMIT || rc == PCRE2_ERROR_HEAPLIMIT)
        budget->exhausted = true;
    return rc >= 0 ? 0 : 1;
}

int regex_match(const struct regex *regex, const char *text, size_t size, struct budget *budget) {
    return regex_find(regex, text, size, budget, NULL, NULL, NULL);
}

int regex_search(const char *pattern, const char *text) {
    const struct regex *regex = NULL;
    char error[REGEX_ERROR_SIZE];
    struct budget budget = {.left = SIZE_MAX};
    struct arena arena;
    arena_init(&arena);
    int r = regex_compile(pattern, REGEX_SEARCH, &arena, &regex, error);
    r = r > 0 ? FATAL(EINVAL) : r == 0 ? regex_match(regex, text, strlen(text), &budget) : r;
    arena_deinit(&arena);
    return r;
}

/* PCRE2 appends its release date, as in "10.42 2022-12-11". */
void regex_library_version(char out[REGEX_VERSION_SIZE]) {
    out[0] = '\0';
    if (pcre2_config(PCRE2_CONFIG_VERSION, NULL) <= REGEX_VERSION_SIZE)
        pcre2_config(PCRE2_CONFIG_VERSION, out);
    out[strcspn(out, " ")] = '\0';
}
