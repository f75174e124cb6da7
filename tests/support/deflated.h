/* Makes bodies that are encoded as Content-Encoding says. */
#pragma once

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

/* The parameter windowBits of zlib. */
enum { AS_GZIP = 16 + MAX_WBITS, AS_ZLIB = MAX_WBITS, AS_RAW = -MAX_WBITS };

struct deflated {
    unsigned char *bytes; /* (owned) */
    size_t size;
};

/* Encodes the bytes. Fails the test when it cannot. */
static inline struct deflated deflated_make(int window, const void *bytes, size_t size) {
    z_stream stream = {0};
    struct deflated out = {.bytes = malloc(size + 256), .size = size + 256};
    unsigned char *input = malloc(size + 1); /* zlib wants bytes that are not const */
    ck_assert(out.bytes && input);
    memcpy(input, bytes, size);
    ck_assert_int_eq(deflateInit2(&stream, 9, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_in = input;
    stream.avail_in = (uInt)size;
    stream.next_out = out.bytes;
    stream.avail_out = (uInt)out.size;
    ck_assert_int_eq(deflate(&stream, Z_FINISH), Z_STREAM_END);
    out.size = stream.total_out;
    deflateEnd(&stream);
    free(input);
    return out;
}

static inline struct deflated deflated_text(int window, const char *text) {
    return deflated_make(window, text, strlen(text));
}

/* Encodes what is encoded once more. */
static inline struct deflated deflated_again(int window, struct deflated inner) {
    struct deflated outer = deflated_make(window, inner.bytes, inner.size);
    free(inner.bytes);
    return outer;
}

/* Appends the second to the first. */
static inline struct deflated deflated_join(struct deflated first, struct deflated second) {
    first.bytes = realloc(first.bytes, first.size + second.size + 1);
    ck_assert_ptr_nonnull(first.bytes);
    memcpy(first.bytes + first.size, second.bytes, second.size);
    first.size += second.size;
    free(second.bytes);
    return first;
}

/* Bytes that are not encoded. */
static inline struct deflated deflated_plain(const char *text) {
    struct deflated plain = {.bytes = malloc(strlen(text) + 1), .size = strlen(text)};
    ck_assert_ptr_nonnull(plain.bytes);
    memcpy(plain.bytes, text, plain.size);
    return plain;
}
