#include "json/json_number.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/fatal.h"

/* A double gives back any integer of so many digits. */
enum { EXACT_DIGITS = 15, BYTES_PER_STEP = 64 };

static const char number_characters[] = "+-.0123456789Ee";

const char *json_number_text(const cJSON *number, char buffer[JSON_NUMBER_SIZE]) {
    double value = number->valuedouble;
    if (number->valuestring)
        return number->valuestring;
    snprintf(buffer, JSON_NUMBER_SIZE, "%.15g", value);
    if (strtod(buffer, NULL) != value)
        snprintf(buffer, JSON_NUMBER_SIZE, "%.17g", value);
    return buffer;
}

/* The digits from the first to the last that is not zero, between which a point may be. */
struct decimal {
    bool is_negative;
    const char *at;
    const char *end;   /* `at` when the number is zero */
    int64_t magnitude; /* the power of ten of the first digit */
};

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* Reads a signed exponent. Saturates far beyond what the length of a text can make up for. */
static bool read_exponent(const char *at, const char *end, int64_t *ret_exponent) {
    static const int64_t limit = INT64_MAX / 100;
    bool is_negative = at < end && *at == '-';
    int64_t exponent = 0;
    at += at < end && (*at == '-' || *at == '+');
    if (at == end)
        return false;
    for (; at < end && is_digit(*at); at++) {
        exponent = exponent * 10 + (*at - '0');
        exponent = exponent < limit ? exponent : limit;
    }
    *ret_exponent = is_negative ? -exponent : exponent;
    return at == end;
}

static bool read_decimal(const char *text, size_t size, struct decimal *ret_decimal) {
    const char *end = text + size;
    struct decimal decimal = {.is_negative = size > 0 && *text == '-'};
    int64_t n_integers = 0; /* digits before the point */
    int64_t exponent = 0;
    size_t n_digits = 0;
    bool has_point = false;
    text += size > 0 && (*text == '-' || *text == '+');
    int64_t index = 0;
    for (; text < end && (is_digit(*text) || (*text == '.' && !has_point)); text++) {
        if (*text == '.') {
            has_point = true;
            continue;
        }
        n_digits++;
        n_integers += !has_point;
        if (*text != '0') {
            if (!decimal.at) {
                decimal.at = text;
                decimal.magnitude = -index - 1;
            }
            decimal.end = text + 1;
        }
        index++;
    }
    if (text < end && (*text == 'e' || *text == 'E')) {
        if (!read_exponent(text + 1, end, &exponent))
            return false;
        text = end;
    }
    decimal.magnitude += n_integers + exponent;
    *ret_decimal = decimal;
    return n_digits > 0 && text == end;
}

/* Returns the next digit, or 0 after the last. */
static char next_digit(const char **at, const char *end) {
    if (*at < end && **at == '.')
        (*at)++;
    if (*at >= end)
        return '0';
    char digit = **at;
    (*at)++;
    return digit;
}

static int compare_digits(const struct decimal *a, const struct decimal *b) {
    const char *left = a->at;
    const char *right = b->at;
    if (a->magnitude != b->magnitude)
        return a->magnitude < b->magnitude ? -1 : 1;
    while (left < a->end || right < b->end) {
        char l = next_digit(&left, a->end);
        char r = next_digit(&right, b->end);
        if (l != r)
            return l < r ? -1 : 1;
    }
    return 0;
}

static int sign_of(const struct decimal *decimal) {
    return decimal->at == decimal->end ? 0 : decimal->is_negative ? -1 : 1;
}

int json_decimal_compare(const char *a, size_t a_size, const char *b, size_t b_size) {
    struct decimal left;
    struct decimal right;
    if (!read_decimal(a, a_size, &left) || !read_decimal(b, b_size, &right))
        return 2;
    int sign = sign_of(&left);
    if (sign != sign_of(&right))
        return sign < sign_of(&right) ? -1 : 1;
    return sign * (sign == 0 ? 0 : compare_digits(&left, &right));
}

int json_number_compare(const cJSON *a, const cJSON *b, struct budget *budget) {
    char buffers[2][JSON_NUMBER_SIZE];
    if (!a->valuestring && !b->valuestring)
        return (a->valuedouble > b->valuedouble) - (a->valuedouble < b->valuedouble);
    const char *left = json_number_text(a, buffers[0]);
    const char *right = json_number_text(b, buffers[1]);
    size_t left_size = strlen(left);
    size_t right_size = strlen(right);
    if (!budget_spend(budget, (left_size + right_size) / BYTES_PER_STEP))
        return 2;
    return json_decimal_compare(left, left_size, right, right_size);
}

bool json_number_is_integer(const cJSON *number) {
    char buffer[JSON_NUMBER_SIZE];
    const char *text = json_number_text(number, buffer);
    struct decimal decimal;
    int64_t n_digits = 0;
    if (!read_decimal(text, strlen(text), &decimal))
        return false;
    for (const char *at = decimal.at; at < decimal.end; at++)
        n_digits += *at != '.';
    return decimal.at == decimal.end || decimal.magnitude - n_digits + 1 >= 0;
}

struct source {
    const char *at;
    const char *end;
};

/* Finds the next number of a valid text. */
static size_t next_number(struct source *source) {
    while (source->at < source->end && *source->at != '-' && !is_digit(*source->at)) {
        if (*source->at++ != '"')
            continue;
        while (*source->at != '"')
            source->at += *source->at == '\\' ? 2 : 1;
        source->at++;
    }
    size_t size = 0;
    while (source->at + size < source->end && strchr(number_characters, source->at[size]) &&
           source->at[size])
        size++;
    return size;
}

bool json_number_is_plain(const char *text, size_t size) {
    bool is_negative = *text == '-';
    for (size_t i = is_negative; i < size; i++)
        if (!is_digit(text[i]))
            return false;
    return size - is_negative <= EXACT_DIGITS && !(is_negative && text[1] == '0');
}

static int keep(cJSON *item, struct source *source) {
    int r = 0;
    if (cJSON_IsNumber(item)) {
        size_t size = next_number(source);
        const char *text = source->at;
        source->at += size;
        if (json_number_is_plain(text, size))
            return 0;
        item->valuestring = cJSON_malloc(size + 1);
        if (!item->valuestring)
            return FATAL(ENOMEM);
        memcpy(item->valuestring, text, size);
        item->valuestring[size] = '\0';
        item->valuedouble = strtod(item->valuestring, NULL);
    }
    cJSON *child;
    cJSON_ArrayForEach (child, item)
        if (r == 0)
            r = keep(child, source);
    return r;
}

int json_number_keep(cJSON *tree, const char *text, size_t size) {
    struct source source = {text, text + size};
    return keep(tree, &source);
}

char *json_number_blank(const char *text, size_t size, size_t limit) {
    char *copy = malloc(size + 1);
    if (!copy)
        return NULL;
    memcpy(copy, text, size);
    copy[size] = '\0';
    struct source source = {text, text + size};
    for (size_t length; (length = next_number(&source)) > 0; source.at += length) {
        if (length <= limit)
            continue;
        memset(copy + (source.at - text), ' ', length);
        copy[source.at - text] = '0';
    }
    return copy;
}
