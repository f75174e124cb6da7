#define PCRE2_CODE_UNIT_WIDTH 8
#include "util/regex.h"

#include <errno.h>
#include <string.h>

#include <pcre2.h>

enum { MATCH_LIMIT = 100000, DEPTH_LIMIT = 1000, HEAP_LIMIT_KIB = 1024 };

static int search(const pcre2_code *code, const char *text) {
    pcre2_match_context *context = pcre2_match_context_create(NULL);
    pcre2_match_data *data = pcre2_match_data_create(1, NULL);
    int rc = PCRE2_ERROR_NOMEMORY;
    if (context && data) {
        pcre2_set_match_limit(context, MATCH_LIMIT);
        pcre2_set_depth_limit(context, DEPTH_LIMIT);
        pcre2_set_heap_limit(context, HEAP_LIMIT_KIB);
        rc = pcre2_match(code, (PCRE2_SPTR)text, strlen(text), 0, 0, data, context);
    }
    pcre2_match_data_free(data);
    pcre2_match_context_free(context);
    if (rc == PCRE2_ERROR_NOMEMORY)
        return -ENOMEM;
    return rc >= 0 ? 0 : 1;
}

int regex_search(const char *pattern, const char *text) {
    int error;
    PCRE2_SIZE offset;
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)pattern, strlen(pattern),
                                     PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C | PCRE2_DOLLAR_ENDONLY,
                                     &error, &offset, NULL);
    if (!code)
        return error == PCRE2_ERROR_HEAP_FAILED || error == PCRE2_ERROR_NOMEMORY ? -ENOMEM
                                                                                 : -EINVAL;
    int r = search(code, text);
    pcre2_code_free(code);
    return r;
}
