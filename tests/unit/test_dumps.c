/* Whatever clients write, what kestub dumps of it loads again, and is then dumped alike. Random
 * writes go through the API and the control plane; the row is the seed. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "exchange/dispatch.h"
#include "json/json.h"
#include "json/json_print.h"
#include "suite.h"
#include "util/buffer.h"
#include "world.h"

enum { SEEDS = 40, WRITES = 90 };

static struct config config;
static struct sandbox home;
static struct sandboxes *sandboxes;
static uint64_t state_of_chance;
static size_t accepted;

static void setup(void) {
    world_init(&config, &home);
    config.auth = AUTH_OFF;
    ck_assert_int_eq(sandboxes_new(&home, 10, &sandboxes), 0);
}

static void teardown(void) {
    sandboxes_free(sandboxes);
    sandbox_deinit(&home);
}

static unsigned chance(unsigned n) {
    state_of_chance = state_of_chance * 6364136223846793005U + 1442695040888963407U;
    return (unsigned)(state_of_chance >> 33) % n;
}

/* ---- JSON at random, as text */

static void append(struct buffer *text, const char *format, ...) {
    char *piece;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&piece, format, arguments);
    va_end(arguments);
    ck_assert_int_ge(length, 0);
    ck_assert_int_eq(buffer_append(text, piece, (size_t)length, SIZE_MAX / 2), 0);
    free(piece);
}

static void append_string(struct buffer *text) {
    static const char *const pieces[] = {
        "a",
        "Z",
        "0",
        " ",
        "\\\"",
        "\\\\",
        "/",
        "\\/",
        "\\n",
        "\\t",
        "\\u0001",
        "\\u001f",
        "\x7f",
        "\\u007f",
        "\xc2\x85",
        "\xc3\xa9",
        "e\xcc\x81",
        "\xe2\x80\xa8",
        "\xef\xbf\xbe",
        "\xef\xbb\xbf",
        "\xf0\x9f\x98\x80",
        "\\ud83d\\ude00",
        "\xf4\x8f\xbf\xbf",
        "'",
        ":",
        ";",
        "$",
        "%",
        "{",
        "]",
        "<",
        "null",
        "\xe1\xbe\x80",
    };
    append(text, "\"");
    for (unsigned n = chance(12); n > 0; n--)
        append(text, "%s", pieces[chance(sizeof(pieces) / sizeof(pieces[0]))]);
    append(text, "\"");
}

static void append_scalar(struct buffer *text) {
    static const char *const scalars[] = {
        "0",
        "-0",
        "-0.0",
        "1",
        "-1",
        "0.1",
        "1e308",
        "-1e308",
        "1.7976931348623157e308",
        "4.9e-324",
        "1e-400",
        "9007199254740993",
        "-9007199254740993",
        "123456789012345678901234567890",
        "1E+2",
        "3.14159265358979323846",
        "2147483648",
        "true",
        "false",
        "null",
        "{}",
        "[]",
        "1e400",
    };
    if (chance(2))
        append_string(text);
    else
        append(text, "%s", scalars[chance(23)]);
}

static void append_value(struct buffer *text, int depth) {
    unsigned kind = chance(4);
    if (depth == 0 || kind < 2) {
        append_scalar(text);
        return;
    }
    append(text, kind == 2 ? "[" : "{");
    for (unsigned n = chance(4), i = 0; i < n; i++) {
        append(text, i ? "," : "");
        if (kind == 3) {
            append_string(text);
            append(text, ":");
        }
        append_value(text, depth - 1);
    }
    append(text, kind == 2 ? "]" : "}");
}

/* A value that may be as deep as a client can make it, and deeper. */
static void append_member(struct buffer *text, const char *name) {
    int depth = chance(4) ? 0 : 90 + (int)chance(12);
    append(text, "\"%s\":", name);
    for (int i = 0; i < depth; i++)
        append(text, i % 2 ? "[" : "{\"a\":");
    append_value(text, chance(2) ? 3 : 0);
    for (int i = depth; i-- > 0;)
        append(text, i % 2 ? "]" : "}");
}

/* ---- Writes at random */

static int send(const char *method, const char *target, const char *body, struct buffer *ret_body) {
    struct exchange exchange;
    ck_assert_int_eq(exchange_init(&exchange, &config, NULL, target), 0);
    exchange.sandboxes = sandboxes;
    ck_assert_int_eq(request_set_method(&exchange.request, method), 0);
    if (body)
        ck_assert_int_eq(buffer_append(&exchange.request.body, body, strlen(body), SIZE_MAX / 2),
                         0);
    exchange.may_block = true;
    if (dispatch_head(&exchange) == 0)
        dispatch_body(&exchange);
    int status = exchange.response.status;
    if (ret_body)
        ck_assert_int_eq(buffer_append(ret_body, exchange.response.body,
                                       exchange.response.body_size, SIZE_MAX / 2),
                         0);
    exchange_deinit(&exchange);
    return status;
}

/* Takes the body. A write may be refused, but must not fail. */
static void write_to(const char *method, const char *target, struct buffer *body) {
    struct buffer answer = {0};
    int status = send(method, target, body->bytes, &answer);
    ck_assert_msg(status < 500, "%s %s %.500s: %d %.500s", method, target, body->bytes, status,
                  answer.bytes);
    accepted += status < 300;
    buffer_deinit(&answer);
    buffer_deinit(body);
}

static void write_tenant(void) {
    struct buffer body = {0};
    char target[64];
    unsigned number = chance(6);
    bool is_new = chance(2);
    append(&body, "{\"id\":\"t%u\",\"name\":", number);
    append_string(&body);
    append(&body, ",");
    append_member(&body, "more");
    append(&body, ",");
    append_string(&body);
    append(&body, ":");
    append_value(&body, 2);
    append(&body, "}");
    snprintf(target, sizeof(target), "/api/v1/tenants/t%u", number);
    write_to(is_new ? "POST" : "PUT", is_new ? "/api/v1/tenants" : target, &body);
}

static void write_user(void) {
    struct buffer body = {0};
    append(&body, "{\"email\":\"%c%u@%c.%u\",\"firstName\":", "aB{`~"[chance(5)], chance(50),
           "xY"[chance(2)], chance(9));
    append_string(&body);
    append(&body, ",\"lastName\":");
    append_string(&body);
    append(&body, ",\"superAdmin\":%s,\"restricted\":%s,\"tenants\":[\"%s\"]%s}",
           chance(2) ? "true" : "false", chance(2) ? "true" : "false", chance(2) ? "main" : "t1",
           chance(2) ? ",\"password\":\"Secret!1234\"" : "");
    write_to("POST", "/api/v1/users", &body);
}

static void write_group(void) {
    struct buffer body = {0};
    append(&body, "{\"name\":");
    append_string(&body);
    append(&body, ",\"description\":");
    append_string(&body);
    append(&body, "}");
    write_to("POST", chance(2) ? "/api/v1/main/groups" : "/api/v1/t1/groups", &body);
}

static void write_token(void) {
    static const char *const ages[] = {"null",     "\"PT0S\"",      "\"P1D\"",    "\"PT0.001S\"",
                                       "\"P53W\"", "\"P3650000D\"", "\"PT1H1M\"", "\"P99999999D\""};
    struct buffer body = {0};
    append(&body, "{\"name\":\"t-%u\",\"maxAge\":%s,\"extended\":%s,\"description\":", chance(99),
           ages[chance(8)], chance(2) ? "true" : "false");
    append_string(&body);
    append(&body, "}");
    write_to("POST", "/api/v1/users/2EPi5XC0oluKRCVF56gcC/api-tokens", &body);
}

static void write_groups_of_user(void) {
    static const char *const lists[] = {"", "\"7C1klfgdQmLTCyrnlejrtg\"",
                                        "\"4LeYKUcqzLlRGlnKAzeqvF\",\"7C1klfgdQmLTCyrnlejrtg\""};
    struct buffer body = {0};
    append(&body, "{\"groupIds\":[%s]}", lists[chance(3)]);
    write_to("PUT", "/api/v1/main/users/2EPi5XC0oluKRCVF56gcC/groups", &body);
}

static void write_role(void) {
    static const char *const permissions[] = {
        "\"FLOW\":[\"VIEW\"]", "\"GROUP\":[\"READ\",\"VIEW\",\"VIEW\"],\"FLOW\":[]",
        "\"GROUP\":[],\"EXECUTION\":[\"LIST\",\"CREATE\"]", ""};
    struct buffer body = {0};
    append(&body, "{\"name\":");
    append_string(&body);
    append(&body,
           ",\"isDefault\":%s,\"permissions\":{%s},\"description\":", chance(2) ? "true" : "false",
           permissions[chance(4)]);
    append_string(&body);
    append(&body, "}");
    if (chance(2))
        write_to("POST", chance(2) ? "/api/v1/main/roles" : "/api/v1/t1/roles", &body);
    else
        write_to("PUT", "/api/v1/main/roles/5fKw9XcQbN3rTgYh2LmVzP", &body);
}

static void write_binding(void) {
    static const char *const subjects[] = {"\"USER\",\"externalId\":\"2EPi5XC0oluKRCVF56gcC\"",
                                           "\"USER\",\"externalId\":\"root\"",
                                           "\"USER\",\"externalId\":\"6dRk2MvTqZs8WbXn4JhYpC\"",
                                           "\"GROUP\",\"externalId\":\"7C1klfgdQmLTCyrnlejrtg\""};
    static const char *const roles[] = {"5fKw9XcQbN3rTgYh2LmVzP", "admin_main", "viewer_t1"};
    struct buffer body = {0};
    append(&body, "{\"type\":%s,\"roleId\":\"%s\"", subjects[chance(4)], roles[chance(3)]);
    if (chance(2)) {
        append(&body, ",\"namespaceId\":");
        append_string(&body);
    }
    append(&body, "}");
    write_to("POST", chance(3) ? "/api/v1/main/bindings" : "/api/v1/t1/bindings", &body);
}

static void write_account(void) {
    struct buffer body = {0};
    append(&body, "{\"name\":\"bot-%u\",\"instanceOwner\":%s,\"description\":", chance(9),
           chance(2) ? "true" : "false");
    append_string(&body);
    append(&body, ",\"tenants\":[\"%s\"],\"groups\":[%s]}", chance(2) ? "main" : "t1",
           chance(2) ? "{\"id\":\"7C1klfgdQmLTCyrnlejrtg\"}" : "");
    switch (chance(4)) {
    case 0:
        write_to("POST", "/api/v1/service-accounts", &body);
        break;
    case 1:
        write_to("POST", "/api/v1/main/service-accounts", &body);
        break;
    case 2:
        write_to("PUT", "/api/v1/main/service-accounts/6dRk2MvTqZs8WbXn4JhYpC", &body);
        break;
    default:
        write_to("PATCH", "/api/v1/service-accounts/6dRk2MvTqZs8WbXn4JhYpC", &body);
    }
}

static void write_invitation(void) {
    static const char *const roles[] = {"admin_main", "viewer_main", "5fKw9XcQbN3rTgYh2LmVzP"};
    struct buffer body = {0};
    append(&body, "{\"email\":\"%c%u@x.y\",\"superAdmin\":%s,\"roles\":[", "aB{`~"[chance(5)],
           chance(20), chance(2) ? "true" : "false");
    for (unsigned n = chance(4), i = 0; i < n; i++) {
        append(&body, "%s{\"id\":\"%s\",\"namespaces\":[", i ? "," : "", roles[chance(3)]);
        for (unsigned m = chance(3), j = 0; j < m; j++) {
            append(&body, j ? "," : "");
            append_string(&body);
        }
        append(&body, "]}");
    }
    append(&body, "],\"groups\":[%s]}", chance(2) ? "\"7C1klfgdQmLTCyrnlejrtg\"" : "");
    write_to("POST", "/api/v1/main/invitations", &body);
}

/* Finds the newest of what a search lists, or "nope". */
static void find_last(const char *target, char id[64]) {
    struct buffer answer = {0};
    strcpy(id, "nope");
    ck_assert_int_eq(send("GET", target, NULL, &answer), 200);
    for (const char *at = answer.bytes; (at = strstr(at, "{\"id\":\"")); at++)
        sscanf(at, "{\"id\":\"%63[^\"]", id);
    buffer_deinit(&answer);
}

static void accept_invitation(void) {
    struct buffer body = {0};
    char id[64];
    char target[128];
    find_last("/api/v1/main/invitations/search", id);
    snprintf(target, sizeof(target), "/api/v1/invitation/create/%s", id);
    append(&body, "{\"firstName\":\"f\",\"lastName\":");
    append_string(&body);
    append(&body, ",\"password\":\"Secret!1234\"}");
    write_to("POST", target, &body);
}

static void write_integration(void) {
    struct buffer body = {0};
    append(&body, "{\"name\":\"i-%u\",\"type\":\"SCIM\",\"description\":", chance(9));
    append_string(&body);
    append(&body, "}");
    write_to("POST", "/api/v1/main/security-integrations", &body);
}

static void disable_integration(void) {
    struct buffer body = {0};
    char id[64];
    char target[128];
    find_last("/api/v1/main/security-integrations", id);
    snprintf(target, sizeof(target), "/api/v1/main/security-integrations/%s/disable", id);
    write_to("POST", target, &body);
}

/* Appends attributes, of which some are refused. */
static void append_attributes(struct buffer *body) {
    static const char *const names[] = {"externalId", "title", "nickName", "locale", "nope"};
    append(body, ",\"emails\":[{\"type\":\"work\",\"value\":\"%c%u@x.y\"}]", "aB{"[chance(3)],
           chance(20));
    for (unsigned n = chance(3); n > 0; n--) {
        append(body, ",\"%s\":", names[chance(5)]);
        append_string(body);
    }
    if (chance(2)) {
        append(body, ",\"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User\":"
                     "{\"department\":");
        append_string(body);
        append(body, "}");
    }
}

static void provision_user(void) {
    struct buffer body = {0};
    char id[64];
    char target[128];
    find_last("/api/v1/main/security-integrations", id);
    snprintf(target, sizeof(target), "/api/v1/main/integrations/%s/scim/v2/Users%s", id,
             chance(2) ? "" : "/2EPi5XC0oluKRCVF56gcC");
    append(&body, "{\"userName\":");
    append_string(&body);
    append_attributes(&body);
    append(&body, "}");
    write_to(strstr(target, "/2EP") ? "PUT" : "POST", target, &body);
}

static void provision_group(void) {
    struct buffer body = {0};
    char id[64];
    char target[128];
    find_last("/api/v1/main/security-integrations", id);
    snprintf(target, sizeof(target), "/api/v1/main/integrations/%s/scim/v2/Groups", id);
    append(&body, "{\"displayName\":");
    append_string(&body);
    append(&body, ",\"externalId\":");
    append_string(&body);
    append(&body, ",\"members\":[%s]}", chance(2) ? "{\"value\":\"2EPi5XC0oluKRCVF56gcC\"}" : "");
    write_to("POST", target, &body);
}

static void write_clock(void) {
    static const char *const instants[] = {"0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z",
                                           "2024-02-29T12:00:00.5+14:00", "1969-12-31T23:59:59Z"};
    struct buffer body = {0};
    append(&body, "{\"now\":\"%s\",\"frozen\":true}", instants[chance(4)]);
    write_to("PUT", "/__admin/kestub/clock", &body);
}

static void write_mapping(void) {
    struct buffer body = {0};
    append(&body, "{\"name\":");
    append_string(&body);
    append(&body, ",\"priority\":%u,\"request\":{\"urlPath\":\"/%u\",\"bodyPatterns\":[{",
           chance(9), chance(9));
    append_member(&body, "equalToJson");
    append(&body, "}]},\"response\":{\"status\":2%02u,", chance(99));
    append_member(&body, "jsonBody");
    append(&body, "},\"metadata\":{");
    append_member(&body, "more");
    append(&body, "}}");
    write_to("POST", "/__admin/mappings", &body);
}

static void write_settings(void) {
    struct buffer body = {0};
    append(&body, "{");
    append_member(&body, "more");
    append(&body, "}");
    if (chance(2))
        write_to("PATCH", "/__admin/settings/extended", &body);
    else
        write_to("PUT", "/__admin/settings", &body);
}

/* ---- Dumps */

static void dump(const char *sandbox, const char *path, struct buffer *ret_text) {
    char target[128];
    snprintf(target, sizeof(target), "%s/__admin%s", sandbox, path);
    ck_assert_int_eq(send("GET", target, NULL, ret_text), 200);
}

static void load(const char *method, const char *target, const char *body) {
    struct buffer answer = {0};
    int status = send(method, target, body, &answer);
    ck_assert_msg(status < 300, "%d %.500s", status, answer.bytes);
    buffer_deinit(&answer);
}

static void expect_same(const char *sandbox, const char *path, const struct buffer *text) {
    struct buffer again = {0};
    dump(sandbox, path, &again);
    size_t same = 0;
    while (again.bytes[same] && again.bytes[same] == text->bytes[same])
        same++;
    ck_assert_msg(again.bytes[same] == text->bytes[same],
                  "%s: ...%.200s\nis dumped again as ...%.200s", path, text->bytes + same,
                  again.bytes + same);
    buffer_deinit(&again);
}

static void write_often(void (*const *writes)(void), unsigned count) {
    for (int i = 0; i < WRITES; i++)
        writes[chance(count)]();
    ck_assert_uint_gt(accepted, WRITES / 10);
}

START_TEST(a_state_loads_again) {
    static void (*const writes[])(void) = {
        write_tenant,         write_user,       write_group,       write_token,
        write_groups_of_user, write_clock,      write_role,        write_binding,
        write_account,        write_invitation, accept_invitation, write_integration,
        disable_integration,  provision_user,   provision_group};
    struct buffer text = {0};
    struct buffer wrapped = {0};
    state_of_chance = (uint64_t)_i;
    write_often(writes, sizeof(writes) / sizeof(writes[0]));
    dump("", "/kestub/state", &text);
    load("PUT", "/sandbox/b/__admin/kestub/state", text.bytes);
    expect_same("/sandbox/b", "/kestub/state", &text);
    append(&wrapped, "{\"fixture\":%s}", text.bytes);
    load("PUT", "/__admin/kestub/sandboxes/c", wrapped.bytes);
    expect_same("/sandbox/c", "/kestub/state", &text);
    buffer_deinit(&wrapped);
    buffer_deinit(&text);
}
END_TEST

START_TEST(mappings_load_again) {
    static void (*const writes[])(void) = {write_mapping};
    struct buffer text = {0};
    state_of_chance = (uint64_t)_i;
    write_often(writes, 1);
    dump("", "/mappings", &text);
    load("POST", "/sandbox/b/__admin/mappings/import", text.bytes);
    expect_same("/sandbox/b", "/mappings", &text);
    buffer_deinit(&text);
}
END_TEST

START_TEST(settings_load_again) {
    static void (*const writes[])(void) = {write_settings};
    state_of_chance = (uint64_t)_i;
    write_often(writes, 1);
    struct buffer text = {0};
    dump("", "/settings", &text);
    cJSON *tree;
    struct json_error error;
    ck_assert_int_eq(json_parse_dump(text.bytes, text.size, &tree, &error), 0);
    char *settings = json_print(cJSON_GetObjectItem(tree, "settings"));
    load("PUT", "/sandbox/b/__admin/settings", settings);
    expect_same("/sandbox/b", "/settings", &text);
    cJSON_free(settings);
    cJSON_Delete(tree);
    buffer_deinit(&text);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("dumps");
    TCase *tcase = suite_add(suite, "dumps");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, a_state_loads_again, 0, SEEDS);
    tcase_add_loop_test(tcase, mappings_load_again, 0, SEEDS);
    tcase_add_loop_test(tcase, settings_load_again, 0, SEEDS / 4);
    return suite_run(suite);
}
