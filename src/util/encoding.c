#include "util/encoding.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <strings.h>

#include <zlib.h>

#include "util/cleanup.h"
#include "util/fatal.h"
#include "util/memory_limit.h"
#include "util/text.h"

enum { CHUNK = 16 << 10, BROKEN = ENCODING_TOO_LARGE + 1 };

/* The parameter windowBits of zlib. */
enum { GZIP = 16 + MAX_WBITS, ZLIB = MAX_WBITS, RAW = -MAX_WBITS };

static bool begins_as_gzip(struct encoded body) {
    return body.size > 2 && memcmp(body.bytes, "\x1f\x8b\x08", 3) == 0;
}

/* The header of zlib (RFC 1950): method 8, and a check sum of five bits. */
static bool begins_as_zlib(struct encoded body) {
    const unsigned char *bytes = (const unsigned char *)body.bytes;
    return body.size > 1 && (bytes[0] & 0x0f) == 8 && (bytes[0] * 256 + bytes[1]) % 31 == 0;
}

struct output {
    const struct encoding_limits *limits;
    struct buffer kept;
    size_t size;
};

static void output_deinit(struct output *output) {
    buffer_deinit(&output->kept);
}

static int add(struct output *output, const unsigned char *bytes, size_t size) {
    const struct encoding_limits *limits = output->limits;
    size_t kept = output->kept.size;
    size_t wanted = size < limits->kept - kept ? size : limits->kept - kept;
    enum memory_use use = kept + wanted > MEMORY_SMALL ? MEMORY_TO_WORK : MEMORY_TO_WRITE;
    if (wanted > 0 && !memory_limit_allows(limits->memory, use, wanted))
        return FATAL(EDQUOT);
    int r = buffer_append(&output->kept, (const char *)bytes, wanted, limits->kept);
    output->size += size;
    if (r == 0 && output->size > limits->decoded)
        r = ENCODING_TOO_LARGE;
    return r;
}

/* Gives zlib the next part of the input, since it counts in unsigned ints. */
static void feed(z_stream *stream, struct encoded *rest) {
    if (stream->avail_in > 0)
        return;
    size_t size = rest->size < INT_MAX ? rest->size : INT_MAX;
    union {
        const char *read;
        Bytef *next;
    } input = {.read = rest->bytes}; /* zlib only reads it */
    stream->next_in = input.next;
    stream->avail_in = (uInt)size;
    *rest = (struct encoded){rest->bytes + size, rest->size - size};
}

/* Whether another member of gzip follows. What else follows a stream with a check sum is ignored. A
 * raw one has none, and text may look like its start. */
static bool has_next_member(const z_stream *stream, int window) {
    struct encoded rest = {(const char *)stream->next_in, stream->avail_in};
    return window == GZIP && begins_as_gzip(rest);
}

/* What comes out goes through `chunk`. */
static int inflate_all(z_stream *stream, unsigned char *chunk, int window, struct encoded rest,
                       struct output *output) {
    for (;;) {
        feed(stream, &rest);
        stream->next_out = chunk;
        stream->avail_out = CHUNK;
        int state = inflate(stream, Z_NO_FLUSH);
        int r = add(output, chunk, CHUNK - stream->avail_out);
        if (r != 0)
            return r;
        if (state == Z_MEM_ERROR)
            return FATAL(ENOMEM);
        if (state == Z_STREAM_END && !has_next_member(stream, window))
            return window == RAW && stream->avail_in > 0 ? BROKEN : 0;
        if (state == Z_STREAM_END)
            inflateReset(stream);
        else if (state == Z_BUF_ERROR && output->limits->is_cut && output->size > 0)
            return 0;
        else if (state != Z_OK)
            return BROKEN;
    }
}

static int inflate_as(int window, struct encoded body, struct output *output) {
    z_stream stream = {0};
    unsigned char chunk[CHUNK];
    if (inflateInit2(&stream, window) != Z_OK)
        return FATAL(ENOMEM);
    int r = inflate_all(&stream, chunk, window, body, output);
    inflateEnd(&stream);
    return r == ENCODING_TOO_LARGE && output->limits->is_start ? 0 : r;
}

/* Most clients send deflate with the header of zlib, as they should, and some without. */
static int inflate_body(bool is_gzip, struct encoded body, struct output *output) {
    if (is_gzip)
        return inflate_as(GZIP, body, output);
    int r = begins_as_zlib(body) ? inflate_as(ZLIB, body, output) : BROKEN;
    if (r != BROKEN)
        return r;
    output_deinit(output);
    output->size = 0;
    return inflate_as(RAW, body, output);
}

/* Cuts the last coding off a list. Returns its name, without blanks and parameters. */
static struct encoded cut_coding(struct encoded *list) {
    const char *comma = memrchr(list->bytes, ',', list->size);
    const char *start = comma ? comma + 1 : list->bytes;
    const char *end = list->bytes + list->size;
    const char *semicolon = memchr(start, ';', (size_t)(end - start));
    end = semicolon ? semicolon : end;
    list->size = comma ? (size_t)(comma - list->bytes) : 0;
    while (start < end && (*start == ' ' || *start == '\t'))
        start++;
    while (end > start && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    return (struct encoded){start, (size_t)(end - start)};
}

static bool is_coding(struct encoded coding, const char *name) {
    return coding.size == strlen(name) && strncasecmp(coding.bytes, name, coding.size) == 0;
}

/* The layers of a body. */
struct layers {
    struct encoding_limits limits;
    struct encoded body; /* what is left */
    struct output output;
    bool is_decoded;
};

static void layers_deinit(struct layers *layers) {
    output_deinit(&layers->output);
}

/* Undoes one layer. An empty body has none. */
static int undo_layer(struct layers *layers, bool is_gzip) {
    CLEANUP(output_deinit) struct output output = {.limits = &layers->limits};
    if (layers->body.size == 0)
        return 0;
    int r = inflate_body(is_gzip, layers->body, &output);
    if (r != 0)
        return r;
    size_t *left = &layers->limits.decoded;
    *left -= output.size < *left ? output.size : *left;
    layers->limits.is_cut |= output.kept.size < output.size;
    struct buffer before = layers->output.kept;
    layers->output.kept = output.kept;
    layers->output.size = output.size;
    output.kept = before;
    layers->body = (struct encoded){layers->output.kept.bytes, layers->output.kept.size};
    layers->is_decoded = true;
    return 0;
}

/* Undoes the codings of one header. Returns BROKEN at the first that it cannot undo. */
static int undo_list(struct layers *layers, const char *value) {
    struct encoded list = {value, strlen(value)};
    int r = 0;
    while (list.size > 0 && r == 0) {
        struct encoded coding = cut_coding(&list);
        bool is_gzip = is_coding(coding, "gzip") || is_coding(coding, "x-gzip");
        if (is_gzip || is_coding(coding, "deflate"))
            r = undo_layer(layers, is_gzip);
        else if (coding.size > 0 && !is_coding(coding, "identity"))
            r = BROKEN;
    }
    return r;
}

int encoding_undo(const struct name_value_list *headers, struct encoded body,
                  const struct encoding_limits *limits, struct buffer *ret_decoded,
                  size_t *ret_size) {
    CLEANUP(layers_deinit) struct layers layers = {.limits = *limits, .body = body};
    int r = 0;
    for (size_t i = headers->count; i > 0 && r == 0; i--)
        if (text_is_same_name(headers->items[i - 1].name, "Content-Encoding"))
            r = undo_list(&layers, headers->items[i - 1].value);
    if ((r == 0 || r == BROKEN) && !layers.is_decoded && begins_as_gzip(body))
        r = undo_layer(&layers, true);
    if (r < 0 || r == ENCODING_TOO_LARGE)
        return r;
    if (!layers.is_decoded)
        return ENCODING_NONE;
    *ret_decoded = layers.output.kept;
    *ret_size = layers.output.size;
    layers.output.kept = (struct buffer){0};
    return 0;
}
