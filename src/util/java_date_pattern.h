/* Patterns of java.time's DateTimeFormatter, a token at a time. */
#pragma once

#include <stddef.h>

#include "util/java_date_fields.h"

enum { JAVA_DATE_PATTERN_ERROR_SIZE = 128, JAVA_MAX_DIGITS = 19 };

/* Checks a pattern, or "unix" and "epoch" for seconds and milliseconds since 1970. Returns 0, or >0
 * and a sentence in `reterr_error` when the pattern is invalid or not supported. */
int java_date_pattern_check(const char *pattern, char reterr_error[JAVA_DATE_PATTERN_ERROR_SIZE]);

enum java_token_kind {
    TOKEN_END,
    TOKEN_LITERAL,
    TOKEN_OPEN,
    TOKEN_CLOSE,
    TOKEN_FIELD,
    TOKEN_BROKEN
};

struct java_token {
    enum java_token_kind kind;
    char letter; /* of a field or a literal */
    size_t count;
};

/* Begins at a pattern. */
struct java_scanner {
    const char *at;
    bool is_quoted;
};

struct java_token java_date_pattern_next(struct java_scanner *scanner);

/* How letters are read. */
enum java_style {
    STYLE_YEAR,
    STYLE_NUMBER, /* of any length, or two digits */
    STYLE_MONTH,  /* a number or a name */
    STYLE_DAY_OF_YEAR,
    STYLE_LONG, /* of as many digits as letters, or more */
    STYLE_FRACTION,
    STYLE_NAME,
    STYLE_OFFSET,
    STYLE_ZONE,
};

struct java_letter {
    char letter;
    enum java_style style;
    enum java_field field;
    size_t max_count;
};

/* Returns NULL for a letter that has no meaning here. */
const struct java_letter *java_date_pattern_letter(char c);
