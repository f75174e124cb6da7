/* Input: the value of Content-Encoding, a line end, and the body. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "util/encoding.h"

enum { LIMIT = 100000, KEPT = 1000 };

static void undo(const struct name_value_list *headers, struct encoded body,
                 const struct encoding_limits *limits) {
    struct buffer decoded = {0};
    size_t decoded_size = 0;
    int r = encoding_undo(headers, body, limits, &decoded, &decoded_size);
    if (r < 0 || decoded.size > decoded_size || decoded.size > limits->kept ||
        (r == 0 && !limits->is_start && decoded_size > limits->decoded))
        abort();
    buffer_deinit(&decoded);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *text = (const char *)data;
    const char *end = size > 0 ? memchr(text, '\n', size) : NULL;
    size_t length = end ? (size_t)(end - text) : size;
    char *value = malloc(length + 1);
    if (!value)
        return 0;
    if (length > 0)
        memcpy(value, text, length);
    value[length] = '\0';
    struct name_value header = {"Content-Encoding", value};
    const struct name_value_list headers = {1, &header};
    struct encoded body = {end ? end + 1 : "", end ? size - length - 1 : 0};
    undo(&headers, body, &(struct encoding_limits){.decoded = LIMIT, .kept = LIMIT});
    undo(&headers, body,
         &(struct encoding_limits){
             .decoded = LIMIT, .kept = KEPT, .is_start = true, .is_cut = true});
    free(value);
    return 0;
}
