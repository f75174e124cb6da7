#include "auth.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "iam/access.h"
#include "iam/credentials.h"
#include "util/base64.h"
#include "util/text.h"

static int parse_basic(const char *encoded, struct arena *arena,
                       struct credentials *ret_credentials) {
    char *decoded;
    size_t size;
    int r = base64_decode(encoded, arena, &decoded, &size);
    if (r < 0)
        return r;
    if (r > 0 || strlen(decoded) != size || !text_is_utf8(decoded, size))
        return IAM_UNAUTHENTICATED;
    char *colon = strchr(decoded, ':');
    if (!colon || colon == decoded)
        return IAM_UNAUTHENTICATED;
    *colon = '\0';
    *ret_credentials =
        (struct credentials){.scheme = CREDENTIAL_BASIC, .username = decoded, .secret = colon + 1};
    return 0;
}

int auth_parse(const char *header, struct arena *arena, struct credentials *ret_credentials) {
    size_t scheme_length = strcspn(header, " ");
    const char *start = header + scheme_length + strspn(header + scheme_length, " ");
    size_t length = strlen(start);
    while (length > 0 && (start[length - 1] == ' ' || start[length - 1] == '\t'))
        length--; /* blanks at the end are no part of a header's value (RFC 9110) */
    const char *value = arena_copy(arena, start, length);
    if (!value)
        return -ENOMEM;
    struct credentials credentials = {0};
    int r = IAM_UNAUTHENTICATED;
    if (scheme_length == 5 && strncasecmp(header, "Basic", 5) == 0) {
        r = parse_basic(value, arena, &credentials);
    } else if (scheme_length == 6 && strncasecmp(header, "Bearer", 6) == 0 &&
               token_is_valid(value)) {
        credentials = (struct credentials){.scheme = CREDENTIAL_BEARER, .secret = value};
        r = 0;
    }
    if (r != 0)
        return r;
    credentials.presented = header;
    *ret_credentials = credentials;
    return 0;
}

int auth_authenticate(struct iam *iam, enum auth_mode mode, struct request *request, int64_t now,
                      struct principal *ret_principal) {
    const struct principal anyone = {.username = "anyone", .super_admin = true};
    if (mode == AUTH_OFF) {
        *ret_principal = anyone;
        return 0;
    }
    if (request->n_authorization != 1)
        return IAM_UNAUTHENTICATED;
    if (mode == AUTH_STRICT) {
        int r = iam_recall(iam, request->authorization, now, &request->arena, ret_principal);
        if (r != IAM_UNAUTHENTICATED)
            return r;
    }
    struct credentials credentials;
    int r = auth_parse(request->authorization, &request->arena, &credentials);
    if (r != 0)
        return r;
    if (mode == AUTH_STRICT)
        return iam_authenticate(iam, &credentials, now, &request->arena, ret_principal);
    *ret_principal = anyone;
    return 0;
}

int auth_authorize(struct iam *iam, const struct principal *principal,
                   const struct operation *operation, const char *tenant, int64_t *ret_tenant_pk) {
    if (operation->superadmin && !principal->super_admin)
        return IAM_FORBIDDEN;
    if (!tenant)
        return 0;
    int r = iam_enter_tenant(iam, principal, tenant, ret_tenant_pk);
    if (r == 0 && operation->resource)
        r = iam_check_permission(iam, principal, *ret_tenant_pk, operation->resource);
    return r;
}
