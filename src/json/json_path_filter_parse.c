#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "json/json_path_text.h"
#include "util/fatal.h"

/* Reads the flags behind a regular expression as Java's embedded flags: (?im). */
static int read_flags(struct json_path_reader *p, char out[16]) {
    size_t length = strspn(p->at, "dimsuxU");
    if (length > 7 || isalpha((unsigned char)p->at[length]))
        return json_path_refuse(p, "unknown flag of a regular expression");
    snprintf(out, 16, length > 0 ? "(?%.*s)" : "", (int)length, p->at);
    p->at += length;
    return 0;
}

static int parse_regex(struct json_path_reader *p, struct json_filter *filter) {
    char flags[16];
    char *pattern = NULL;
    json_path_skip_blanks(p);
    if (!json_path_take(p, "/"))
        return json_path_refuse(p, "'/' expected");
    int r = json_path_read_delimited(p, '/', &pattern);
    if (r == 0)
        r = read_flags(p, flags);
    if (r != 0)
        return r;
    char reason[REGEX_ERROR_SIZE];
    const char *whole = arena_format(p->arena, "%s%s", flags, pattern);
    if (!whole)
        return FATAL(ENOMEM);
    r = regex_compile(whole, REGEX_JAVA | REGEX_WHOLE, p->arena, &filter->regex, reason);
    return r > 0 ? json_path_refuse(p, "invalid regular expression") : r;
}

/* Finds the operator of a comparison; words in any case. */
static bool take_operator(struct json_path_reader *p, enum json_test *ret_test) {
    static const struct {
        const char *token;
        enum json_test test;
    } operators[] = {
        {"===", TEST_SAME},     {"!==", TEST_NOT_SAME},      {"==", TEST_EQUAL},
        {"!=", TEST_UNEQUAL},   {"<=", TEST_LESS_OR_EQUAL},  {">=", TEST_GREATER_OR_EQUAL},
        {"<", TEST_LESS},       {">", TEST_GREATER},         {"=~", TEST_REGEX},
        {"in", TEST_IN},        {"nin", TEST_NOT_IN},        {"subsetof", TEST_SUBSET_OF},
        {"anyof", TEST_ANY_OF}, {"noneof", TEST_NONE_OF},    {"size", TEST_SIZE},
        {"empty", TEST_EMPTY},  {"contains", TEST_CONTAINS},
    };
    for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
        size_t length = strlen(operators[i].token);
        bool is_word = isalpha((unsigned char)operators[i].token[0]);
        if (strncasecmp(p->at, operators[i].token, length) != 0 ||
            (is_word && isalnum((unsigned char)p->at[length])))
            continue;
        p->at += length;
        *ret_test = operators[i].test;
        return true;
    }
    return false;
}

static int parse_comparison(struct json_path_reader *p, struct json_filter **ret_filter) {
    struct json_filter *filter = arena_alloc(p->arena, sizeof(*filter));
    if (!filter)
        return FATAL(ENOMEM);
    *ret_filter = filter;
    filter->test = TEST_EXISTS;
    int r = json_path_parse_operand(p, &filter->a);
    if (r != 0)
        return r;
    json_path_skip_blanks(p);
    if (take_operator(p, &filter->test))
        return filter->test == TEST_REGEX ? parse_regex(p, filter)
                                          : json_path_parse_operand(p, &filter->b);
    return filter->a.path ? 0 : json_path_refuse(p, "operator expected");
}

static int parse_term(struct json_path_reader *p, const struct json_filter **ret_filter);

/* Jayway ignores a ! before a comparison without parentheses. */
static int parse_negation(struct json_path_reader *p, const struct json_filter **ret_filter) {
    struct json_filter *filter = arena_alloc(p->arena, sizeof(*filter));
    if (!filter)
        return FATAL(ENOMEM);
    *ret_filter = filter;
    filter->test = TEST_NOT;
    json_path_skip_blanks(p);
    bool is_closed = *p->at == '(' || *p->at == '!';
    int r = parse_term(p, &filter->left);
    if (r == 0 && !is_closed && filter->left && filter->left->test != TEST_EXISTS)
        return json_path_refuse(p, "what ! negates needs parentheses");
    return r;
}

static int parse_term(struct json_path_reader *p, const struct json_filter **ret_filter) {
    struct json_filter *comparison = NULL;
    int r;
    json_path_skip_blanks(p);
    if (p->depth == JSON_PATH_MAX_DEPTH)
        return json_path_refuse(p, "nested too deeply");
    p->depth++;
    if (json_path_take(p, "!")) {
        r = parse_negation(p, ret_filter);
    } else if (json_path_take(p, "(")) {
        r = json_path_parse_filter(p, ret_filter);
        json_path_skip_blanks(p);
        if (r == 0 && !json_path_take(p, ")"))
            r = json_path_refuse(p, "')' expected");
    } else {
        r = parse_comparison(p, &comparison);
        *ret_filter = comparison;
    }
    p->depth--;
    return r;
}

/* Parses operands joined by one operator; `parse` parses an operand. */
static int parse_joined(struct json_path_reader *p, const char *token, enum json_test test,
                        int (*parse)(struct json_path_reader *, const struct json_filter **),
                        const struct json_filter **ret_filter) {
    const struct json_filter *left = NULL;
    int r = parse(p, &left);
    for (int joined = 0; r == 0; joined++) {
        json_path_skip_blanks(p);
        if (!json_path_take(p, token))
            break;
        if (joined == JSON_PATH_MAX_LIST)
            return json_path_refuse(p, "too many conditions");
        struct json_filter *filter = arena_alloc(p->arena, sizeof(*filter));
        if (!filter)
            return FATAL(ENOMEM);
        filter->test = test;
        filter->left = left;
        r = parse(p, &filter->right);
        left = filter;
    }
    if (r == 0)
        *ret_filter = left;
    return r;
}

static int parse_and(struct json_path_reader *p, const struct json_filter **ret_filter) {
    return parse_joined(p, "&&", TEST_AND, parse_term, ret_filter);
}

int json_path_parse_filter(struct json_path_reader *p, const struct json_filter **ret_filter) {
    return parse_joined(p, "||", TEST_OR, parse_and, ret_filter);
}
