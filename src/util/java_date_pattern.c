#include "util/java_date_pattern.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { MAX_PATTERN = 200 };

struct java_token java_date_pattern_next(struct java_scanner *scanner) {
    while (*scanner->at == '\'') {
        if (scanner->at[1] == '\'') {
            scanner->at += 2;
            return (struct java_token){TOKEN_LITERAL, '\'', 1};
        }
        scanner->is_quoted = !scanner->is_quoted;
        scanner->at++;
    }
    char c = *scanner->at;
    if (c == '\0')
        return (struct java_token){scanner->is_quoted ? TOKEN_BROKEN : TOKEN_END, c, 0};
    if (scanner->is_quoted || !strchr("[]{}#", c)) {
        size_t count = 1;
        bool is_field = !scanner->is_quoted && isalpha((unsigned char)c);
        while (is_field && scanner->at[count] == c)
            count++;
        scanner->at += count;
        return (struct java_token){is_field ? TOKEN_FIELD : TOKEN_LITERAL, c, count};
    }
    scanner->at++;
    return (struct java_token){c == '[' ? TOKEN_OPEN : c == ']' ? TOKEN_CLOSE : TOKEN_BROKEN, c, 1};
}

static const struct java_letter letters[] = {
    {'G', STYLE_NAME, FIELD_ERA, 4},
    {'u', STYLE_YEAR, FIELD_YEAR, JAVA_MAX_DIGITS},
    {'y', STYLE_YEAR, FIELD_YEAR_OF_ERA, JAVA_MAX_DIGITS},
    {'M', STYLE_MONTH, FIELD_MONTH, 4},
    {'L', STYLE_MONTH, FIELD_MONTH, 4},
    {'d', STYLE_NUMBER, FIELD_DAY, 2},
    {'D', STYLE_DAY_OF_YEAR, FIELD_DAY_OF_YEAR, 3},
    {'E', STYLE_NAME, FIELD_WEEKDAY, 4},
    {'a', STYLE_NAME, FIELD_HALF, 1},
    {'h', STYLE_NUMBER, FIELD_CLOCK_HOUR_OF_HALF, 2},
    {'K', STYLE_NUMBER, FIELD_HOUR_OF_HALF, 2},
    {'k', STYLE_NUMBER, FIELD_CLOCK_HOUR, 2},
    {'H', STYLE_NUMBER, FIELD_HOUR, 2},
    {'m', STYLE_NUMBER, FIELD_MINUTE, 2},
    {'s', STYLE_NUMBER, FIELD_SECOND, 2},
    {'S', STYLE_FRACTION, FIELD_NANO, 9},
    {'A', STYLE_LONG, FIELD_MILLI_OF_DAY, JAVA_MAX_DIGITS},
    {'n', STYLE_LONG, FIELD_NANO, JAVA_MAX_DIGITS},
    {'N', STYLE_LONG, FIELD_NANO_OF_DAY, JAVA_MAX_DIGITS},
    {'V', STYLE_ZONE, FIELD_OFFSET, 2},
    {'z', STYLE_ZONE, FIELD_OFFSET, 4},
    {'O', STYLE_ZONE, FIELD_OFFSET, 4},
    {'X', STYLE_OFFSET, FIELD_OFFSET, 5},
    {'x', STYLE_OFFSET, FIELD_OFFSET, 5},
    {'Z', STYLE_OFFSET, FIELD_OFFSET, 5},
};

const struct java_letter *java_date_pattern_letter(char c) {
    for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++)
        if (letters[i].letter == c)
            return &letters[i];
    return NULL;
}

static bool is_allowed(const struct java_token *token, const struct java_letter *letter) {
    if (token->letter == 'V')
        return token->count == 2;
    if (token->letter == 'O')
        return token->count == 1 || token->count == 4;
    return token->count <= letter->max_count;
}

static const char *find_flaw(const struct java_token *token, size_t *depth) {
    const struct java_letter *letter;
    switch (token->kind) {
    case TOKEN_END:
    case TOKEN_LITERAL:
        return NULL;
    case TOKEN_OPEN:
        ++*depth;
        return NULL;
    case TOKEN_CLOSE:
        return (*depth)-- == 0 ? "closes no bracket" : NULL;
    case TOKEN_FIELD:
        letter = java_date_pattern_letter(token->letter);
        return !letter                     ? "is not supported"
               : is_allowed(token, letter) ? NULL
                                           : "is repeated too often or too rarely";
    case TOKEN_BROKEN:
        return token->letter ? "is reserved" : "ends within quotes";
    }
    return NULL;
}

int java_date_pattern_check(const char *pattern, char reterr_error[JAVA_DATE_PATTERN_ERROR_SIZE]) {
    struct java_scanner scanner = {.at = pattern};
    size_t depth = 0;
    if (strcasecmp(pattern, "unix") == 0 || strcasecmp(pattern, "epoch") == 0)
        return 0;
    if (strlen(pattern) > MAX_PATTERN) {
        snprintf(reterr_error, JAVA_DATE_PATTERN_ERROR_SIZE, "it is longer than %d bytes",
                 MAX_PATTERN);
        return 1;
    }
    struct java_token token = {.kind = TOKEN_LITERAL};
    while (token.kind != TOKEN_END) {
        const char *start = scanner.at;
        token = java_date_pattern_next(&scanner);
        const char *flaw = find_flaw(&token, &depth);
        if (!flaw)
            continue;
        if (token.letter)
            snprintf(reterr_error, JAVA_DATE_PATTERN_ERROR_SIZE, "'%c' at byte %zu %s",
                     token.letter, (size_t)(start - pattern), flaw);
        else
            snprintf(reterr_error, JAVA_DATE_PATTERN_ERROR_SIZE, "it %s", flaw);
        return 1;
    }
    return 0;
}
