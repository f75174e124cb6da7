/* What the journal takes for a secret, and what it shows of it. */
#include "sandbox/secrets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "suite.h"

static const struct {
    const char *name;
    bool is_secret;
    bool is_plural;
} names[] = {
    {"password", true, false},
    {"PASSWORD", true, false},
    {"oldPassword", true, false},
    {"new_password", true, false},
    {"password2", true, false},
    {"passwordHash", true, false},
    {"password-confirmation", true, false},
    {"user[password]", true, false},
    {"passwords", true, true},
    {"passwd", true, false},
    {"pwd", true, false},
    {"pass", true, false},
    {"passphrase", true, false},
    {"secret", true, false},
    {"client_secret", true, false},
    {"secretKey", true, false},
    {"secrets", true, true},
    {"apikey", true, false},
    {"access-key", true, false},
    {"passcode", true, false},
    {"credential", true, false},
    {"tokenKey", true, false},
    {"token_confirm", true, false},
    {"passwordRepeat", true, false},
    {"PASSWORDAGAIN", true, false},
    {"secret_text", true, false},
    {"password_", true, false},
    {"t-o-k-e-n", true, false},
    {"jwts", true, true},
    {"token", true, false},
    {"fullToken", true, false},
    {"access_token", true, false},
    {"refresh_token", true, false},
    {"id_token", true, false},
    {"csrf-token", true, false},
    {"tokenValue", true, false},
    {"tokens", true, true},
    {"max_tokens", true, true},
    {"apiKey", true, false},
    {"api_key", true, false},
    {"X-API-Key", true, false},
    {"private.key", true, false},
    {"JWT", true, false},
    {"client_assertion", true, false},
    {"authorization", true, false},
    {"credentials", true, true},
    {"sessionId", true, false},
    {"", false, false},
    {"p", false, false},
    {"key", false, false},
    {"groupIds", false, false},
    {"name", false, false},
    {"username", false, false},
    {"bypass", false, false},
    {"compass", false, false},
    {"passenger", false, false},
    {"tokenType", false, false},
    {"token_type", false, false},
    {"secretType", false, false},
    {"secretary", false, false},
    {"passwordPolicy", false, false},
    {"monkey", false, false},
    {"description", false, false},
    {"class", false, false},
    {"userId", false, false},
    {"pas", false, false},
};

START_TEST(knows_names) {
    bool is_plural;
    const char *name = names[_i].name;
    ck_assert_msg(secrets_is_name(name, strlen(name), &is_plural) == names[_i].is_secret, "%s",
                  name);
    ck_assert_int_eq(is_plural, names[_i].is_plural);
}
END_TEST

static void expect_text(const struct buffer *masked, const char *wanted) {
    if (!wanted)
        ck_assert_msg(!masked->bytes, "%s", masked->bytes);
    else
        ck_assert_msg(masked->bytes && strcmp(masked->bytes, wanted) == 0, "%s, not %s",
                      masked->bytes ? masked->bytes : "(nothing)", wanted);
}

static const struct {
    const char *url;
    const char *masked; /* NULL: there is nothing to mask */
} urls[] = {
    {"/", NULL},
    {"", NULL},
    {"/password=secret", NULL},
    {"/?", NULL},
    {"/?a=b", NULL},
    {"/?token", NULL},
    {"/?token=", NULL},
    {"/?token=x", "/?token=***"},
    {"/?a=b&token=x&c=d", "/?a=b&token=***&c=d"},
    {"/?token=x&token=y", "/?token=***&token=***"},
    {"/?TOKEN=a=b", "/?TOKEN=***"},
    {"/?t%6Fken=x", "/?t%6Fken=***"},
    {"/?user%5Bpassword%5D=x&y", "/?user%5Bpassword%5D=***&y"},
    {"/?a=b#access_token=x", "/?a=b#access_token=***"},
    {"/#id_token=x&a=b", "/#id_token=***&a=b"},
    {"/?max_tokens=100", NULL},
    {"/?tokens=a", "/?tokens=***"},
    {"/?%zz=x&pwd=y", "/?%zz=x&pwd=***"},
    {"/?back=/x?token=y&a", "/?back=/x?token=***&a"},
    {"/?token=x?y=z&b", "/?token=***&b"},
    {"/?a=token=y", "/?a=token=***"},
    {"/?&&=&=token&pwd=%", "/?&&=&=token&pwd=***"},
};

START_TEST(masks_urls) {
    struct buffer masked = {0};
    ck_assert_int_eq(secrets_mask_url(urls[_i].url, &masked), 0);
    expect_text(&masked, urls[_i].masked);
    buffer_deinit(&masked);
}
END_TEST

#define FORM "application/x-www-form-urlencoded"
#define PART(name, value)                                                                          \
    "--b\r\nContent-Disposition: form-data; name=" name                                            \
    "\r\nContent-Type: text/plain\r\n\r\n" value "\r\n"

static const struct {
    const char *type;
    const char *body;
    const char *masked; /* NULL: there is nothing to mask */
} bodies[] = {
    {NULL, "", NULL},
    {NULL, "{}", NULL},
    {NULL, "{\"a\":\"password\",\"b\":[\"token\",\"x\"]}", NULL},
    {NULL, "{\"password\":\"x\"}", "{\"password\":\"***\"}"},
    {NULL, " \r\n{ \"password\" : \"x\" , \"a\" : 1 }",
     " \r\n{ \"password\" : \"***\" , \"a\" : 1 }"},
    {NULL, "\xef\xbb\xbf{\"password\":\"x\"}", "\xef\xbb\xbf{\"password\":\"***\"}"},
    {NULL, "{\"Password\":\"x\",\"PWD\":\"y\"}", "{\"Password\":\"***\",\"PWD\":\"***\"}"},
    {NULL, "{\"password\":\"a\\\"b\\\\\",\"c\":\"d\"}", "{\"password\":\"***\",\"c\":\"d\"}"},
    {NULL, "{\"sessionId\":\"x\"}", "{\"sessionId\":\"***\"}"},
    {NULL, "{\"SESSION_ID\":\"x\"}", "{\"SESSION_ID\":\"***\"}"},
    {NULL, "{\"session_i_ds\":\"x\"}", "{\"session_i_ds\":\"***\"}"},
    {NULL, "{\"session-_id\":\"x\"}", "{\"session-_id\":\"***\"}"},
    {NULL, "{\"CREDENTIAL\":\"x\"}", "{\"CREDENTIAL\":\"***\"}"},
    {NULL, "{\"credenti-als\":\"x\"}", "{\"credenti-als\":\"***\"}"},
    {NULL, "{\"id\":\"x\",\"userId\":\"x\",\"external\":\"x\",\"ids\":[\"x\"]}", NULL},
    {NULL, "{\"pass\\u0077ord\":\"x\"}", "{\"pass\\u0077ord\":\"***\"}"},
    {NULL, "{\"password\":12.5e3,\"a\":1}", "{\"password\":\"***\",\"a\":1}"},
    {NULL, "{\"password\":-7}", "{\"password\":\"***\"}"},
    {NULL, "{\"password\":null,\"secret\":true,\"token\":\"\"}", NULL},
    {NULL, "{\"max_tokens\":100}", NULL},
    {NULL, "{\"tokens\":[\"a\",\"b\",1]}", "{\"tokens\":[\"***\",\"***\",1]}"},
    {NULL, "{\"secret\":[\"a\",1,null,[\"b\"]],\"c\":\"d\"}",
     "{\"secret\":[\"***\",\"***\",null,[\"***\"]],\"c\":\"d\"}"},
    {NULL, "{\"credentials\":{\"user\":\"a\",\"more\":{\"x\":\"y\"}},\"c\":\"d\"}",
     "{\"credentials\":{\"user\":\"***\",\"more\":{\"x\":\"***\"}},\"c\":\"d\"}"},
    {NULL, "[[[{\"a\":{\"b\":[{\"secret\":\"x\"}]}}]]]",
     "[[[{\"a\":{\"b\":[{\"secret\":\"***\"}]}}]]]"},
    {NULL, "{\"secret\":{},\"token\":[]}", NULL},
    {NULL, "{\"href\":\"/a?b=c&token=x\",\"d\":\"password=x\"}",
     "{\"href\":\"/a?b=c&token=***\",\"d\":\"password=x\"}"},
    {NULL, "[\"/a?b=c\\u0026token=x\",\"/a#token=x\"]",
     "[\"/a?b=c\\u0026token=***\",\"/a#token=***\"]"},
    {"text/plain", "{\"password\":\"x\"}", "{\"password\":\"***\"}"},
    {FORM, "{\"password\":\"x\"}", "{\"password\":\"***\"}"},
    {"application/json", "{\"password\":\"x\"}\n{\"token\":\"y\"}\n",
     "{\"password\":\"***\"}\n{\"token\":\"***\"}\n"},
    /* cut, or wrong */
    {NULL, "{\"password\":\"se", "{\"password\":\"***"},
    {NULL, "{\"password\":\"se\\", "{\"password\":\"***"},
    {NULL, "{\"password\":12", "{\"password\":\"***\""},
    {NULL, "{\"password\":", NULL},
    {NULL, "{\"password\"", NULL},
    {NULL, "{\"password", NULL},
    {NULL, "{\"secret\":[\"a\",\"b", "{\"secret\":[\"***\",\"***"},
    {NULL, "{\"secret\":{\"a", "{\"secret\":{\"***"},
    {NULL, "{\"secret\":[[[", NULL},
    {NULL, "{]}\"token\":\"x\"", "{]}\"token\":\"***\""},
    {NULL, "{\"a\":b,\"token\" \"x\",\"token\":\"x\"}",
     "{\"a\":b,\"token\" \"x\",\"token\":\"***\"}"},
    /* forms */
    {FORM, "username=a&password=b", "username=a&password=***"},
    {FORM "; charset=UTF-8", "password=b&c", "password=***&c"},
    {NULL, "password=b", "password=***"},
    {"text/plain", "password=b", "password=***"},
    {FORM, "password=a#b=c", "password=***"},
    {FORM, "p%61ssword=a%26b&c=d", "p%61ssword=***&c=d"},
    {"text/plain", "a=1\r\npassword=b\r\nc=2", "a=1\r\npassword=***\r\nc=2"},
    {"application/octet-stream", "password=b", NULL},
    {"text/html", "<a href=\"?password=b\">", NULL},
    /* multipart */
    {"multipart/form-data; boundary=b",
     PART("\"user\"", "a") PART("\"password\"", "x\r\ny") PART("token", "z") "--b--\r\n",
     PART("\"user\"", "a") PART("\"password\"", "***") PART("token", "***") "--b--\r\n"},
    {"multipart/form-data; boundary=b", PART("\"password\"", "x") "--b--",
     PART("\"password\"", "***") "--b--"},
    {"multipart/form-data; boundary=b", PART("\"a\"; filename=\"password\"", "x"), NULL},
    {"multipart/form-data; boundary=b", "--b", NULL},
    {"multipart/form-data; boundary=b", "\r\n\r\n\r\n\r\n", NULL},
    {"multipart/form-data; boundary=b", "password=x", NULL},
};

START_TEST(masks_bodies) {
    struct buffer masked = {0};
    size_t size = strlen(bodies[_i].body);
    char *copy = malloc(size); /* nothing follows it */
    ck_assert_ptr_nonnull(copy);
    memcpy(copy, bodies[_i].body, size);
    ck_assert_int_eq(secrets_mask_body(copy, size, bodies[_i].type, &masked), 0);
    expect_text(&masked, bodies[_i].masked);
    buffer_deinit(&masked);
    free(copy);
}
END_TEST

static void expect_member(const char *name, bool is_secret, size_t n_before, const char *colon) {
    static const char before[] = "................................................................";
    char body[512];
    char wanted[512];
    struct buffer masked = {0};
    int size = snprintf(body, sizeof(body), "{\"a\":\"%.*s\",\"%s\"%s\"v\"}", (int)n_before, before,
                        name, colon);
    snprintf(wanted, sizeof(wanted), "{\"a\":\"%.*s\",\"%s\"%s\"***\"}", (int)n_before, before,
             name, colon);
    ck_assert_int_eq(secrets_mask_body(body, (size_t)size, NULL, &masked), 0);
    expect_text(&masked, is_secret ? wanted : NULL);
    buffer_deinit(&masked);
}

/* A name is found wherever it stands in the body. */
START_TEST(masks_members) {
    for (size_t n_before = 0; n_before < 40; n_before++) {
        expect_member(names[_i].name, names[_i].is_secret, n_before, ":");
        expect_member(names[_i].name, names[_i].is_secret, n_before, "\t: ");
    }
}
END_TEST

/* Of a long name only the start counts. */
START_TEST(masks_members_with_long_names) {
    char name[256];
    for (size_t n_before = 0; n_before < 20; n_before++)
        for (int length = 120; length < 140; length++) {
            snprintf(name, sizeof(name), "%0*dtoken%s", length - 5, 0, "zzzzzzzzzzzzzzzz");
            expect_member(name, length == 128, n_before, ":");
        }
}
END_TEST

/* However a body is cut, what was masked whole is not seen, and nothing is read behind the end. */
START_TEST(masks_what_is_cut) {
    const char *body = bodies[_i].body;
    for (size_t size = 0; size < strlen(body); size++) {
        struct buffer masked = {0};
        char *copy = malloc(size + 1);
        ck_assert_ptr_nonnull(copy);
        char *start = copy + 1; /* nothing follows it */
        memcpy(start, body, size);
        ck_assert_int_eq(secrets_mask_body(start, size, bodies[_i].type, &masked), 0);
        ck_assert(!masked.bytes || strlen(masked.bytes) == masked.size);
        buffer_deinit(&masked);
        free(copy);
    }
}
END_TEST

START_TEST(keeps_nuls) {
    static const char body[] = "a=\0&password=x\0y&b=\0";
    static const char wanted[] = "a=\0&password=***&b=\0";
    struct buffer masked = {0};
    ck_assert_int_eq(secrets_mask_body(body, sizeof(body) - 1, FORM, &masked), 0);
    ck_assert_uint_eq(masked.size, sizeof(wanted) - 1);
    ck_assert_mem_eq(masked.bytes, wanted, masked.size);
    buffer_deinit(&masked);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("secrets");
    TCase *tcase = suite_add(suite, "secrets");
    suite_add_rows(tcase, knows_names, names);
    suite_add_rows(tcase, masks_urls, urls);
    suite_add_rows(tcase, masks_bodies, bodies);
    suite_add_rows(tcase, masks_members, names);
    tcase_add_test(tcase, masks_members_with_long_names);
    suite_add_rows(tcase, masks_what_is_cut, bodies);
    tcase_add_test(tcase, keeps_nuls);
    return suite_run(suite);
}
