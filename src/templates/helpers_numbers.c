#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "templates/helper_tables.h"
#include "util/fatal.h"

/* ---- Math */

enum { MAX_DIGITS = 18 };

/* A decimal number: its digits without the point, of which `scale` stand behind it. Two such
 * numbers can be multiplied without loss. */
struct decimal {
    __int128 digits;
    int scale;
};

/* Reads a number. Text that is none counts as 0, as in WireMock. Returns false when it has too many
 * digits. */
static bool read_decimal(const char *text, struct decimal *ret_decimal) {
    struct decimal decimal = {0};
    bool is_negative = *text == '-';
    bool has_point = false;
    int count = 0;
    *ret_decimal = decimal;
    for (const char *at = text + (*text == '-' || *text == '+'); *at; at++) {
        if (*at == '.' && !has_point) {
            has_point = true;
            continue;
        }
        if (*at < '0' || *at > '9')
            return *at != 'e' && *at != 'E';
        decimal.digits = decimal.digits * 10 + (*at - '0');
        decimal.scale += has_point;
        if (++count > MAX_DIGITS)
            return false;
    }
    if (is_negative)
        decimal.digits = -decimal.digits;
    *ret_decimal = decimal;
    return true;
}

static void rescale(struct decimal *decimal, int scale) {
    for (; decimal->scale < scale; decimal->scale++)
        decimal->digits *= 10;
}

/* Divides, and rounds halves up, to as many digits behind the point as `a` has. */
static __int128 divide(const struct decimal *a, const struct decimal *b) {
    __int128 dividend = a->digits;
    if (b->digits == 0)
        return 0;
    for (int i = 0; i < b->scale; i++)
        dividend *= 10;
    __int128 quotient = dividend / b->digits;
    __int128 rest = dividend % b->digits;
    rest = rest < 0 ? -rest : rest;
    __int128 divisor = b->digits < 0 ? -b->digits : b->digits;
    if (rest * 2 >= divisor && rest > 0)
        quotient += (dividend < 0) == (b->digits < 0) ? 1 : -1;
    return quotient;
}

static double to_double(const struct decimal *decimal) {
    long double number = (long double)decimal->digits;
    for (int i = 0; i < decimal->scale; i++)
        number /= 10;
    return (double)number;
}

static struct value decimal_value(struct evaluation *e, const struct decimal *decimal) {
    if (decimal->scale == 0 && decimal->digits <= INT64_MAX && decimal->digits >= INT64_MIN)
        return value_of_integer(&e->room, (int64_t)decimal->digits);
    return value_of_double(&e->room, to_double(decimal));
}

static bool is_operator(const char *text) {
    return text[0] && !text[1] && strchr("+-*x/%", text[0]);
}

static int check_math(const struct call *call, struct arena *arena,
                      char reterr_error[SYNTAX_ERROR_SIZE]) {
    const char *sign = syntax_param_text(call, 1);
    (void)arena;
    if (!sign || is_operator(sign))
        return 0;
    snprintf(reterr_error, SYNTAX_ERROR_SIZE, "has the operator '%.20s'; it may be + - * / or %%",
             sign);
    return 1;
}

static int calculate(struct evaluation *e, const struct call *call, char sign, struct decimal a,
                     struct decimal b, struct value *ret_value) {
    struct decimal result = {.scale = a.scale > b.scale ? a.scale : b.scale};
    if ((sign == '/' || sign == '%') && b.digits == 0)
        return evaluation_fail(e, call, "divides by zero");
    if (sign == '/') {
        result = (struct decimal){divide(&a, &b), a.scale};
    } else if (sign == '*' || sign == 'x') {
        result = (struct decimal){a.digits * b.digits, a.scale + b.scale};
    } else {
        rescale(&a, result.scale);
        rescale(&b, result.scale);
        result.digits = sign == '+'     ? a.digits + b.digits
                        : sign == '-'   ? a.digits - b.digits
                        : b.digits != 0 ? a.digits % b.digits
                                        : 0;
    }
    *ret_value = decimal_value(e, &result);
    return 0;
}

/* For numbers that are too long for a struct decimal. */
static int calculate_roughly(struct evaluation *e, const struct call *call, char sign,
                             const char *a, const char *b, struct value *ret_value) {
    double left = strtod(a, NULL);
    double right = strtod(b, NULL);
    if ((sign == '/' || sign == '%') && right == 0)
        return evaluation_fail(e, call, "divides by zero");
    double result = sign == '+'   ? left + right
                    : sign == '-' ? left - right
                    : sign == '/' ? left / right
                    : sign == '%' ? __builtin_fmod(left, right)
                                  : left * right;
    *ret_value = value_of_double(&e->room, result);
    return 0;
}

static int run_math(struct evaluation *e, const struct call *call, struct value *ret_value) {
    struct value texts[3] = {{0}, {0}, {0}};
    struct decimal a;
    struct decimal b;
    if (call->n_params != 3)
        return evaluation_complain(e, ret_value,
                                   "All maths functions require two operands and an operator as "
                                   "parameters e.g. 3 '+' 2");
    for (size_t i = 0; i < 3; i++) {
        int r = evaluation_param_text(e, call, i, &texts[i]);
        if (r != 0)
            return r;
    }
    if (!is_operator(texts[1].text))
        return evaluation_complain(e, ret_value, "%s is not a valid mathematical operator",
                                   texts[1].text);
    char sign = texts[1].text[0];
    return read_decimal(texts[0].text, &a) && read_decimal(texts[2].text, &b)
               ? calculate(e, call, sign, a, b, ret_value)
               : calculate_roughly(e, call, sign, texts[0].text, texts[2].text, ret_value);
}

/* ---- numberFormat */

/* The part of java.text.DecimalFormat that has prefix, digits, grouping and suffix. */
struct number_format {
    char prefix[16], suffix[16];
    int min_integers, min_fraction, max_fraction;
    int grouping; /* 0: none */
    bool is_percent;
};

/* Reads text before or after the digits. */
static const char *read_affix(const char *at, char out[16], bool *is_percent) {
    size_t size = 0;
    while (*at && !strchr("#0,.;'", *at) && size < 15) {
        *is_percent |= *at == '%';
        out[size++] = *at++;
    }
    out[size] = '\0';
    return at;
}

static bool read_format(const char *text, struct number_format *ret_format) {
    static const struct {
        const char *name, *pattern;
    } styles[] = {{"integer", "#,##0"},
                  {"percent", "#,##0%"},
                  {"currency", "\u00a4#,##0.00"},
                  {"number", "#,##0.###"}};
    struct number_format format = {0};
    for (size_t i = 0; i < sizeof(styles) / sizeof(styles[0]); i++)
        if (strcmp(text, styles[i].name) == 0)
            text = styles[i].pattern;
    const char *at = read_affix(text, format.prefix, &format.is_percent);
    bool has_group = false;
    for (; *at && strchr("#0,", *at); at++) {
        has_group |= *at == ',';
        format.grouping = *at == ',' ? 0 : format.grouping + 1;
        format.min_integers += *at == '0';
    }
    format.grouping = has_group ? format.grouping : 0;
    at += *at == '.';
    for (; at > text && *at && strchr("#0", *at); at++) {
        format.max_fraction++;
        format.min_fraction += *at == '0';
    }
    at = read_affix(at, format.suffix, &format.is_percent);
    *ret_format = format;
    return *at == '\0' && format.min_integers < 40 && format.max_fraction < 40;
}

static int check_format(const struct call *call, struct arena *arena,
                        char reterr_error[SYNTAX_ERROR_SIZE]) {
    struct number_format format;
    const char *text = syntax_param_text(call, 1);
    (void)arena;
    if (call->n_params > 2)
        snprintf(reterr_error, SYNTAX_ERROR_SIZE, "has a locale, which kestub does not support");
    else if (text && !read_format(text, &format))
        snprintf(reterr_error, SYNTAX_ERROR_SIZE,
                 "has the format '%.40s'; it may be integer, percent, currency or a pattern such "
                 "as #,##0.00",
                 text);
    else
        return 0;
    return 1;
}

/* Writes digits in groups. */
static void format_number(double number, const struct number_format *format, struct buffer *out) {
    char digits[512];
    int length = snprintf(digits, sizeof(digits), "%.*f", format->max_fraction,
                          __builtin_fabs(number) * (format->is_percent ? 100 : 1));
    int point = (int)strcspn(digits, ".");
    int removable = format->max_fraction - format->min_fraction;
    for (; removable > 0 && digits[length - 1] == '0'; removable--)
        length--;
    length -= digits[length - 1] == '.';
    int r = buffer_append(out, "-", number < 0, SIZE_MAX);
    if (r == 0)
        r = buffer_append(out, format->prefix, strlen(format->prefix), SIZE_MAX);
    for (int i = point; r == 0 && i < format->min_integers; i++)
        r = buffer_append(out, "0", 1, SIZE_MAX);
    for (int i = 0; r == 0 && i < length; i++) {
        if (i > 0 && i < point && format->grouping > 0 && (point - i) % format->grouping == 0)
            r = buffer_append(out, ",", 1, SIZE_MAX);
        if (r == 0)
            r = buffer_append(out, digits + i, 1, SIZE_MAX);
    }
    if (r == 0)
        (void)buffer_append(out, format->suffix, strlen(format->suffix), SIZE_MAX);
}

static int run_number_format(struct evaluation *e, const struct call *call,
                             struct value *ret_value) {
    struct value number = {0};
    struct value style = value_of_text("number");
    struct number_format format;
    struct buffer out = {0};
    int r = evaluation_param(e, call, 0, &number);
    if (r == 0 && call->n_params > 1)
        r = evaluation_param_text(e, call, 1, &style);
    if (r != 0 || number.kind != VALUE_NUMBER)
        return r;
    if (!read_format(style.text, &format))
        return evaluation_fail(e, call, "has the format '%.40s'", style.text);
    int64_t digits[2] = {format.max_fraction, format.min_fraction};
    r = evaluation_option_integer(e, call, "maximumFractionDigits", &digits[0]);
    if (r == 0)
        r = evaluation_option_integer(e, call, "minimumFractionDigits", &digits[1]);
    if (r == 0)
        r = evaluation_text(e, call, &number, &number);
    if (r == 0 && (digits[0] < 0 || digits[0] > 40 || digits[1] < 0 || digits[1] > 40))
        return evaluation_fail(e, call, "needs from 0 to 40 digits");
    if (r != 0)
        return r;
    format.min_fraction = (int)(digits[1] < digits[0] ? digits[1] : digits[0]);
    format.max_fraction = (int)(digits[0] > digits[1] ? digits[0] : digits[1]);
    format_number(strtod(number.text, NULL), &format, &out);
    return evaluation_take(e, call, out.bytes ? 0 : FATAL(ENOMEM), &out, ret_value);
}

const struct helper helpers_numbers[] = {
    {"math", .run = run_math, .check = check_math},
    {"numberFormat", .run = run_number_format,
     .options = "maximumFractionDigits minimumFractionDigits", .check = check_format},
    {.name = NULL},
};
