/* Bodies of type multipart/form-data. */
#include <string.h>

#include "exchange/multipart.h"
#include "suite.h"
#include "util/cleanup.h"

#define TYPE "multipart/form-data; boundary=b"
#define HEAD(parameters) "--b\r\nContent-Disposition: form-data; " parameters "\r\n"
#define LOGO HEAD("name=\"logo\"")
#define END "\r\n--b--"
#define X(type) "data:" type ";base64,eA=="
#define BINARY X("application/octet-stream")

static const struct schema text = {.type = SCHEMA_STRING};
static const struct field fields[] = {{.name = "logo", .schema = &text},
                                      {.name = "it's; \"it\"", .schema = &text}};
static const struct schema schema = {.type = SCHEMA_OBJECT, .fields = fields, .n_fields = 2};

static const struct {
    const char *type;
    const char *body;
    const char *expected; /* the logo; "": there is none; NULL: the body is broken */
} bodies[] = {
    {TYPE, LOGO "\r\nx" END, BINARY},
    {TYPE, LOGO "Content-Type: image/png\r\n\r\nx" END, X("image/png")},
    {TYPE, LOGO "content-type:\timage/svg+xml; charset=utf-8\r\n\r\nx" END, X("image/svg+xml")},
    {TYPE, LOGO "Content-Type: image\r\n\r\nx" END, BINARY},
    {TYPE, LOGO "Content-Type: /png\r\n\r\nx" END, BINARY},
    {TYPE, LOGO "Content-Type: \"><script>/x\r\n\r\nx" END, BINARY},
    {TYPE, LOGO "X-Content-Type: image/png\r\n\r\nx" END, BINARY},
    {TYPE, "preamble\r\n" LOGO "\r\nx" END "\r\nepilogue --b", BINARY},
    {TYPE, HEAD("name=other") "\r\ny\r\n" LOGO "\r\nx" END, BINARY},
    {TYPE, HEAD("name=logo;filename=a") "\r\nx" END, BINARY},
    {TYPE, HEAD("filename=\"name=y; \\\"name=z\"; NAME=\"lo\\go\"") "\r\nx" END, BINARY},
    {TYPE, "--b \t\r\nContent-Disposition: form-data; name=logo\r\n\r\nx" END, BINARY},
    {TYPE, LOGO "\r\n" END, "data:application/octet-stream;base64,"},
    {TYPE, LOGO "\r\nx\r\n--B\n--b" END, "data:application/octet-stream;base64,eA0KLS1CCi0tYg=="},
    {"Multipart/Form-Data;charset=utf-8; Boundary=\"b\"", LOGO "\r\nx" END, BINARY},
    {TYPE, "--b--", ""},
    {TYPE, HEAD("name=Logo") "\r\nx" END, ""},
    {TYPE, HEAD("name=\"it's; \\\"it\\\"\"") "\r\nx" END, ""},
    {TYPE, "", NULL},
    {TYPE, "--b", NULL},
    {TYPE, "--b-", NULL},
    {TYPE, "--b\r\n", NULL},
    {TYPE, "-", NULL},
    {TYPE, "x--b--", NULL},
    {TYPE, LOGO "\r\nx", NULL},
    {TYPE, LOGO "\r\nx\r\n--b", NULL},
    {TYPE, LOGO "\r\nx\r\n--bb--", NULL},
    {TYPE, LOGO END, NULL},
    {TYPE, LOGO "\r\nx\r\n" LOGO "\r\ny" END, NULL},
    {TYPE, HEAD("") "\r\nx" END, NULL},
    {TYPE, HEAD("name") "\r\nx" END, NULL},
    {TYPE, HEAD("filename=\"name=logo") "\r\nx" END, NULL},
    {TYPE, "--b\r\n\r\nx" END, NULL},
    {TYPE, "--b\r\n--b--", NULL},
    {TYPE, "--b\r\n\r\n--b--", NULL},
    {"multipart/form-data", LOGO "\r\nx" END, NULL},
    {"multipart/form-data; boundary", LOGO "\r\nx" END, NULL},
    {"multipart/form-data; boundary=", LOGO "\r\nx" END, NULL},
    {"multipart/form-data; boundary=\"\\", LOGO "\r\nx" END, NULL},
    {"multipart/form-data; xboundary=b", LOGO "\r\nx" END, NULL},
    {"multipart/form-data; boundary="
     "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
     "--bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb--", NULL},
    {NULL, LOGO "\r\nx" END, NULL},
};

/* The body lies at the end of its block, so that a sanitizer sees reads beyond it. */
START_TEST(parts_become_data_urls) {
    struct arena arena;
    CLEANUP(cleanup_json) cJSON *tree = NULL;
    size_t size = strlen(bodies[_i].body);
    CLEANUP(cleanup_free) char *body = malloc(size > 0 ? size : 1);
    ck_assert_ptr_nonnull(body);
    memcpy(body, bodies[_i].body, size);
    arena_init(&arena);
    int r = multipart_read(&schema, bodies[_i].type, body, size, &arena, &tree);
    ck_assert_int_eq(r > 0, bodies[_i].expected == NULL);
    ck_assert_int_ge(r, 0);
    if (r == 0) {
        const char *logo = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(tree, "logo"));
        ck_assert_str_eq(logo ? logo : "", bodies[_i].expected);
    }
    arena_deinit(&arena);
}
END_TEST

/* Bytes of every value come through. */
START_TEST(binary_content_stays) {
    static const char head[] = LOGO "\r\n";
    static const char end[] = END;
    char body[sizeof(head) + 256 + sizeof(end)];
    struct arena arena;
    CLEANUP(cleanup_json) cJSON *tree = NULL;
    char *at = mempcpy(body, head, sizeof(head) - 1);
    for (int i = 0; i < 256; i++)
        *at++ = (char)i;
    at = mempcpy(at, end, sizeof(end) - 1);
    arena_init(&arena);
    ck_assert_int_eq(multipart_read(&schema, TYPE, body, (size_t)(at - body), &arena, &tree), 0);
    const char *logo = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(tree, "logo"));
    ck_assert_uint_eq(strlen(logo), strlen("data:application/octet-stream;base64,") + 344);
    ck_assert_ptr_nonnull(strstr(logo, ",AAECAwQFBgcICQ"));
    ck_assert_str_eq(logo + strlen(logo) - 8, "/P3+/w==");
    arena_deinit(&arena);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("multipart");
    TCase *tcase = suite_add(suite, "multipart");
    suite_add_rows(tcase, parts_become_data_urls, bodies);
    tcase_add_test(tcase, binary_content_stays);
    return suite_run(suite);
}
