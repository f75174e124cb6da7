#include "util/java_double.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Writes digits with a point after the first `before` of them, and zeros where digits are
 * missing. */
static void place_point(const char *digits, int before, char *out) {
    int count = (int)strlen(digits);
    int at = 0;
    if (before <= 0) {
        out[at++] = '0';
        out[at++] = '.';
        for (int i = before; i < 0; i++)
            out[at++] = '0';
        strcpy(out + at, digits);
        return;
    }
    for (int i = 0; i < before; i++)
        out[at++] = (char)(i < count ? digits[i] : '0');
    out[at++] = '.';
    strcpy(out + at, before < count ? digits + before : "0");
}

void java_double_format(double number, char out[JAVA_DOUBLE_SIZE]) {
    enum { MAX_DIGITS = 17, LEAST_PLAIN = -3, LEAST_SCIENTIFIC = 7 };
    char text[JAVA_DOUBLE_SIZE];
    char digits[MAX_DIGITS + 1] = "";
    if (!isfinite(number)) {
        strcpy(out, isnan(number) ? "NaN" : number < 0 ? "-Infinity" : "Infinity");
        return;
    }
    if (signbit(number))
        *out++ = '-';
    number = fabs(number);
    for (int precision = 0; precision < MAX_DIGITS; precision++) {
        snprintf(text, sizeof(text), "%.*e", precision, number);
        if (strtod(text, NULL) == number)
            break;
    }
    char *e = strchr(text, 'e');
    int exponent = number > 0 ? (int)strtol(e + 1, NULL, 10) : 0;
    int count = 0;
    for (const char *at = text; at < e; at++)
        if (*at != '.')
            digits[count++] = *at;
    while (count > 1 && digits[count - 1] == '0')
        digits[--count] = '\0';
    if (exponent >= LEAST_PLAIN && exponent < LEAST_SCIENTIFIC) {
        place_point(digits, exponent + 1, out);
        return;
    }
    place_point(digits, 1, out);
    snprintf(out + strlen(out), 8, "E%d", exponent);
}
