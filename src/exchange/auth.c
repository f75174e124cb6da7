#include "exchange/auth.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include <sodium.h>

#include "iam/credentials.h"
#include "iam/rights.h"
#include "util/base64.h"
#include "util/fatal.h"
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
        length--; /* trailing blanks are not part of a header's value (RFC 9110) */
    const char *value = arena_copy(arena, start, length);
    if (!value)
        return FATAL(ENOMEM);
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

static int authenticate_session(struct iam *iam, struct request *request, int64_t now,
                                struct principal *ret_principal) {
    struct credentials credentials = {.scheme = CREDENTIAL_SESSION};
    int r = request_find_cookie(request, "JWT", &credentials.secret);
    if (r != 0)
        return r < 0 ? r : IAM_UNAUTHENTICATED;
    credentials.presented = credentials_present_session(&request->arena, credentials.secret);
    return credentials.presented
               ? iam_authenticate(iam, &credentials, now, &request->arena, ret_principal)
               : FATAL(ENOMEM);
}

int auth_authenticate(struct iam *iam, enum auth_mode mode, struct request *request, int64_t now,
                      bool may_block, struct principal *ret_principal) {
    const struct principal anyone = {.username = "anyone", .super_admin = true};
    if (mode == AUTH_OFF) {
        *ret_principal = anyone;
        return 0;
    }
    if (request->cookie) {
        int r = authenticate_session(iam, request, now, ret_principal);
        if (r != IAM_UNAUTHENTICATED)
            return r;
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
    if (mode == AUTH_STRICT && credentials.scheme == CREDENTIAL_BASIC && !may_block)
        return AUTH_SLOW; /* nobody has verified them yet */
    if (mode == AUTH_STRICT)
        return iam_authenticate(iam, &credentials, now, &request->arena, ret_principal);
    *ret_principal = anyone;
    return 0;
}

void auth_make_csrf_token(char out[CSRF_TOKEN_SIZE]) {
    unsigned char bytes[32];
    randombytes_buf(bytes, sizeof(bytes));
    sodium_bin2base64(out, CSRF_TOKEN_SIZE, bytes, sizeof(bytes),
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

bool auth_is_csrf_token(const char *text) {
    size_t length =
        strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");
    return length == CSRF_TOKEN_SIZE - 1 && text[length] == '\0';
}

/* Takes the same time wherever the texts differ. */
static bool are_equal(const char *presented, const char *secret) {
    size_t length = strlen(secret);
    return strlen(presented) == length && sodium_memcmp(presented, secret, length) == 0;
}

int auth_check_csrf(struct request *request, const struct principal *principal) {
    const char *cookie;
    if (!principal->by_session || request->method == HTTP_GET ||
        strcmp(request->segments[0], "api") != 0)
        return 0;
    int r = request_find_cookie(request, "csrfToken", &cookie);
    if (r != 0)
        return r < 0 ? r : IAM_FORBIDDEN;
    const char *header = request->csrf_token ? request->csrf_token : "";
    return *cookie && are_equal(header, cookie) ? 0 : IAM_FORBIDDEN;
}

bool auth_is_console(const struct request *request, const struct config *config) {
    const char *presented = request->console_key;
    return config->console_key && presented && are_equal(presented, config->console_key);
}

bool auth_is_bearer(const struct request *request, const char *token) {
    static const char scheme[] = "Bearer ";
    if (request->n_authorization != 1 ||
        strncasecmp(request->authorization, scheme, sizeof(scheme) - 1) != 0)
        return false;
    return are_equal(request->authorization + sizeof(scheme) - 1, token);
}

int auth_authorize(struct iam *iam, struct principal *principal, const struct operation *operation,
                   const char *tenant, struct arena *arena, int64_t *ret_tenant_pk) {
    principal->permitted = principal->super_admin;
    if (operation->superadmin && !principal->super_admin)
        return IAM_FORBIDDEN;
    if (!tenant)
        return 0;
    int r = iam_enter_tenant(iam, principal, tenant, ret_tenant_pk);
    if (r != 0 || operation->n_permissions == 0)
        return r;
    r = iam_check_permission(iam, principal, *ret_tenant_pk, operation->permissions,
                             operation->n_permissions, operation->group_owners, arena);
    return r == IAM_FORBIDDEN && operation->own ? 0 : r;
}
