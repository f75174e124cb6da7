/* Content codings of bodies. */
#include <errno.h>

#include "deflated.h"
#include "suite.h"
#include "util/encoding.h"
#include "util/fatal.h"
#include "util/memory_limit.h"

enum { LIMIT = 100000 };

/* Decodes the body and frees it. */
static int undo(struct deflated body, const char *first, const char *second,
                const struct encoding_limits *limits, struct buffer *ret_decoded,
                size_t *ret_size) {
    struct name_value items[] = {
        {"Accept-Encoding", "gzip"}, {"content-encoding", first}, {"Content-Encoding", second}};
    struct name_value_list headers = {1U + (first != NULL) + (second != NULL), items};
    struct encoded encoded = {(char *)body.bytes, body.size};
    int r = encoding_undo(&headers, encoded, limits, ret_decoded, ret_size);
    free(body.bytes);
    return r;
}

static void expect(struct deflated body, const char *first, const char *second,
                   const char *expected) {
    const struct encoding_limits limits = {.decoded = LIMIT, .kept = LIMIT};
    struct buffer decoded = {0};
    size_t size = 0;
    int r = undo(body, first, second, &limits, &decoded, &size);
    const char *given = first ? first : "none";
    if (!expected) {
        ck_assert_msg(r == ENCODING_NONE, "%s: %d", given, r);
        return;
    }
    ck_assert_msg(r == 0, "%s: %d", given, r);
    ck_assert_uint_eq(size, strlen(expected));
    ck_assert_uint_eq(decoded.size, size);
    ck_assert_mem_eq(decoded.bytes ? decoded.bytes : "", expected, size);
    buffer_deinit(&decoded);
}

static struct deflated zipped(const char *text) {
    return deflated_text(AS_GZIP, text);
}

static struct deflated cut(struct deflated body, size_t bytes) {
    body.size -= bytes;
    return body;
}

START_TEST(undoes_what_the_headers_name) {
    expect(zipped("hello"), "gzip", NULL, "hello");
    expect(zipped("hello"), "GZip", NULL, "hello");
    expect(zipped("hello"), "x-gzip", NULL, "hello");
    expect(zipped("hello"), " gzip;q=1 ", NULL, "hello");
    expect(zipped("hello"), "identity, gzip", NULL, "hello");
    expect(zipped("hello"), "gzip,identity,", NULL, "hello");
    expect(zipped("hello"), ",,\tgzip\t,", "identity", "hello");
    expect(deflated_text(AS_ZLIB, "hello"), "deflate", NULL, "hello");
    expect(deflated_text(AS_RAW, "hello"), "Deflate", NULL, "hello");
    expect(zipped(""), "gzip", NULL, "");
    expect(deflated_text(AS_RAW, ""), "deflate", NULL, "");
}
END_TEST

START_TEST(undoes_layers_from_the_last_to_the_first) {
    expect(deflated_again(AS_GZIP, zipped("hello")), "gzip, gzip", NULL, "hello");
    expect(deflated_again(AS_GZIP, zipped("hello")), "gzip", "gzip", "hello");
    expect(deflated_again(AS_GZIP, deflated_text(AS_ZLIB, "hello")), "deflate, gzip", NULL,
           "hello");
    expect(deflated_again(AS_RAW, zipped("hello")), "gzip", "identity, deflate", "hello");
    expect(zipped("hello"), "gzip, gzip", NULL, "hello"); /* there is one layer less */
    expect(zipped("hello"), "br, gzip", NULL, "hello");   /* kestub does not know the first */
    expect(zipped(""), "gzip, gzip", NULL, "");
}
END_TEST

START_TEST(knows_gzip_without_a_header) {
    expect(zipped("hello"), NULL, NULL, "hello");
    expect(zipped("hello"), "not-gzip", NULL, "hello");
    expect(zipped("hello"), "gzip, br", NULL, "hello");
    expect(zipped("hello"), "", NULL, "hello");
    expect(deflated_text(AS_ZLIB, "hello"), NULL, NULL, NULL);
    expect(cut(zipped("hello"), 1), NULL, NULL, NULL);
    struct deflated inner = zipped("hello");
    const struct encoding_limits limits = {.decoded = LIMIT, .kept = LIMIT};
    struct buffer decoded = {0};
    size_t size = 0;
    int r =
        undo(deflated_make(AS_GZIP, inner.bytes, inner.size), NULL, NULL, &limits, &decoded, &size);
    ck_assert_int_eq(r, 0);
    ck_assert_uint_eq(decoded.size, inner.size); /* only once */
    ck_assert_mem_eq(decoded.bytes, inner.bytes, inner.size);
    buffer_deinit(&decoded);
    free(inner.bytes);
}
END_TEST

START_TEST(reads_what_follows_a_stream) {
    expect(deflated_join(zipped("he"), zipped("llo")), "gzip", NULL, "hello");
    expect(deflated_join(zipped(""), zipped("lo")), "gzip", NULL, "lo");
    expect(deflated_join(zipped("hello"), deflated_plain("xxxx")), "gzip", NULL, "hello");
    expect(deflated_join(zipped("hello"), deflated_plain("\x1f")), "gzip", NULL, "hello");
    expect(deflated_join(zipped("hello"), cut(zipped("x"), 3)), "gzip", NULL, NULL);
    expect(deflated_join(deflated_text(AS_ZLIB, "hello"), deflated_plain("xx")), "deflate", NULL,
           "hello");
    expect(deflated_join(deflated_text(AS_RAW, "hello"), deflated_plain("xx")), "deflate", NULL,
           NULL);
}
END_TEST

START_TEST(leaves_what_it_cannot_decode) {
    expect(deflated_plain("hello"), NULL, NULL, NULL);
    expect(deflated_plain("hello"), "gzip", NULL, NULL);
    expect(deflated_plain("hello"), "deflate", NULL, NULL);
    expect(deflated_plain("{\"a\":1}"), "deflate", NULL, NULL);
    expect(deflated_plain("x\x9c"), "deflate", NULL, NULL); /* no more than the header of zlib */
    expect(deflated_plain("hello"), "br", NULL, NULL);
    expect(deflated_plain("hello"), "identity", NULL, NULL);
    expect(deflated_plain(""), "gzip", NULL, NULL);
    expect(deflated_plain(""), "deflate", NULL, NULL);
    expect(deflated_plain("\x1f\x8b\x08"), "gzip", NULL, NULL);
    for (size_t i = 1; i < 25; i++)
        expect(cut(zipped("hello"), i), "gzip", NULL, NULL);
    for (size_t i = 1; i < 13; i++)
        expect(cut(deflated_text(AS_ZLIB, "hello"), i), "deflate", NULL, NULL);
    struct deflated wrong = zipped("hello");
    wrong.bytes[wrong.size - 8] ^= 1; /* the check sum */
    expect(wrong, "gzip", NULL, NULL);
}
END_TEST

static struct deflated bomb(size_t size, unsigned layers) {
    char *zeros = calloc(1, size);
    ck_assert_ptr_nonnull(zeros);
    struct deflated body = deflated_make(AS_GZIP, zeros, size);
    free(zeros);
    for (; layers > 1; layers--)
        body = deflated_again(AS_GZIP, body);
    return body;
}

START_TEST(counts_what_it_decodes) {
    struct encoding_limits limits = {.decoded = LIMIT, .kept = LIMIT};
    struct buffer decoded = {0};
    size_t size = 0;
    ck_assert_int_eq(undo(bomb(LIMIT, 1), "gzip", NULL, &limits, &decoded, &size), 0);
    ck_assert_uint_eq(size, LIMIT);
    buffer_deinit(&decoded);
    ck_assert_int_eq(undo(bomb(LIMIT + 1, 1), "gzip", NULL, &limits, &decoded, &size),
                     ENCODING_TOO_LARGE);
    ck_assert_int_eq(undo(bomb(LIMIT + 1, 1), NULL, NULL, &limits, &decoded, &size),
                     ENCODING_TOO_LARGE);
    /* All layers count, so a long list of codings costs no more than a large body. */
    ck_assert_int_eq(undo(bomb(LIMIT, 2), "gzip, gzip", NULL, &limits, &decoded, &size),
                     ENCODING_TOO_LARGE);
    ck_assert_ptr_null(decoded.bytes);
}
END_TEST

START_TEST(asks_for_memory) {
    struct memory_limit memory;
    memory_limit_init(&memory, MEMORY_LEAST);
    struct encoding_limits limits = {.decoded = 64 << 20, .kept = 64 << 20, .memory = &memory};
    struct buffer decoded = {0};
    size_t size = 0;
    int r = undo(bomb(48 << 20, 1), "gzip", NULL, &limits, &decoded, &size);
    ck_assert_int_eq(fatal_errno(r), EDQUOT);
    memory_limit_deinit(&memory);
}
END_TEST

START_TEST(decodes_a_start) {
    struct encoding_limits limits = {.decoded = LIMIT, .kept = 10, .is_start = true};
    struct buffer decoded = {0};
    size_t size = 0;
    ck_assert_int_eq(undo(bomb(1000, 1), "gzip", NULL, &limits, &decoded, &size), 0);
    ck_assert_uint_eq(decoded.size, 10);
    ck_assert_uint_eq(size, 1000);
    buffer_deinit(&decoded);
    ck_assert_int_eq(undo(bomb(1000000, 1), "gzip", NULL, &limits, &decoded, &size), 0);
    ck_assert_uint_eq(decoded.size, 10);
    ck_assert(size > LIMIT && size < 2 * LIMIT);
    buffer_deinit(&decoded);
    ck_assert_int_eq(undo(cut(bomb(1000, 1), 9), "gzip", NULL, &limits, &decoded, &size),
                     ENCODING_NONE);
    limits.is_cut = true;
    ck_assert_int_eq(undo(cut(bomb(1000, 1), 9), "gzip", NULL, &limits, &decoded, &size), 0);
    ck_assert_uint_eq(decoded.size, 10);
    buffer_deinit(&decoded);
    limits = (struct encoding_limits){.decoded = LIMIT, .kept = 100, .is_start = true};
    /* The inner stream is cut by what is kept of the outer one. */
    ck_assert_int_eq(undo(bomb(LIMIT / 2, 2), "gzip, gzip", NULL, &limits, &decoded, &size), 0);
    ck_assert_uint_eq(decoded.size, 100);
    buffer_deinit(&decoded);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("encoding");
    TCase *tcase = suite_add(suite, "encoding");
    tcase_add_test(tcase, undoes_what_the_headers_name);
    tcase_add_test(tcase, undoes_layers_from_the_last_to_the_first);
    tcase_add_test(tcase, knows_gzip_without_a_header);
    tcase_add_test(tcase, reads_what_follows_a_stream);
    tcase_add_test(tcase, leaves_what_it_cannot_decode);
    tcase_add_test(tcase, counts_what_it_decodes);
    tcase_add_test(tcase, asks_for_memory);
    tcase_add_test(tcase, decodes_a_start);
    return suite_run(suite);
}
