/* Input: a Cookie header. It is searched for cookies and for a CSRF token. */
#include <stdlib.h>
#include <string.h>

#include "exchange/auth.h"
#include "fuzz.h"

/* The value of a cookie must occur in the header literally. */
static const char *find(struct request *request, const char *name) {
    const char *value;
    int r = request_find_cookie(request, name, &value);
    if (r < 0)
        abort();
    if (r > 0)
        return NULL;
    if (strchr(value, ';') || !strstr(request->cookie, value))
        abort();
    return value;
}

static void check_csrf(struct request *request, const char *token) {
    const struct principal principal = {.by_session = true};
    request->csrf_token = token ? token : "";
    request_set_method(request, "POST");
    int r = auth_check_csrf(request, &principal);
    if (r < 0 || (r == 0) != (token && *token))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *header = strndup((const char *)data, size);
    struct request request;
    if (!header || request_init(&request, "/api/v1/me") < 0)
        abort();
    request_add_header(&request, "Cookie", header);
    find(&request, "JWT");
    const char *token = find(&request, "csrfToken");
    check_csrf(&request, token);
    if (token && auth_is_csrf_token(token) && strpbrk(token, "\"'<>& ;\r\n"))
        abort();
    request_deinit(&request);
    free(header);
    return 0;
}
