#include "util/text_search.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

enum { LANES = 16 };
typedef uint8_t lanes __attribute__((vector_size(LANES)));

/* A byte of the word. A byte of the text is equal when it is `wanted` with the bits of `ignored`
 * set. */
struct letter {
    uint8_t ignored;
    uint8_t wanted;
};

static struct letter letter_of(char c) {
    uint8_t lower = (uint8_t)c | 0x20;
    bool is_letter = lower >= 'a' && lower <= 'z';
    return (struct letter){is_letter ? 0x20 : 0, is_letter ? lower : (uint8_t)c};
}

static bool is_equal(char c, struct letter letter) {
    return ((uint8_t)c | letter.ignored) == letter.wanted;
}

/* Sets those lanes to 0xff whose byte is equal. */
static lanes compare_lanes(const char *text, struct letter letter) {
    lanes bytes;
    memcpy(&bytes, text, sizeof(bytes));
    return (lanes)((bytes | letter.ignored) == letter.wanted);
}

static bool has_any(const lanes *found) {
    uint64_t halves[2];
    memcpy(halves, found, sizeof(halves));
    return (halves[0] | halves[1]) != 0;
}

/* Looks for the first and the last byte of the word in 16 places at once, which skips nearly all of
 * a text where the word is rare. */
const char *text_search(const char *text, size_t size, const char *word, size_t length) {
    if (length > size)
        return NULL;
    const struct letter first = letter_of(word[0]);
    const struct letter last = letter_of(word[length - 1]);
    size_t n_places = size - length + 1;
    size_t place = 0;
    for (; place + LANES <= n_places; place += LANES) {
        lanes found =
            compare_lanes(text + place, first) & compare_lanes(text + place + length - 1, last);
        for (size_t i = 0; has_any(&found) && i < LANES; i++)
            if (found[i] && strncasecmp(text + place + i, word, length) == 0)
                return text + place + i;
    }
    for (; place < n_places; place++)
        if (is_equal(text[place], first) && is_equal(text[place + length - 1], last) &&
            strncasecmp(text + place, word, length) == 0)
            return text + place;
    return NULL;
}

int text_compare(const char *a, const char *b) {
    if (!a || !b)
        return (a != NULL) - (b != NULL);
    int order = strcasecmp(a, b);
    return order != 0 ? order : strcmp(a, b);
}
