#include <stdbool.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "util/java_date.h"

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Reads a name of at least three letters out of a list of them, whose case does not matter. */
static int read_name(const char **at, const char *names) {
    size_t length = 0;
    while (is_letter((*at)[length]))
        length++;
    const char *name = names;
    for (int i = 0; *name; i++) {
        size_t size = strcspn(name, " ");
        bool is_whole = length == size || length == 3;
        if (length >= 2 && is_whole && strncasecmp(name, *at, length) == 0) {
            *at += length;
            return i;
        }
        name += size + (name[size] == ' ');
    }
    return -1;
}

static int read_number(const char **at, int max_digits) {
    int number = 0;
    int count = 0;
    for (; **at >= '0' && **at <= '9' && count < max_digits; count++)
        number = number * 10 + (*(*at)++ - '0');
    return count > 0 ? number : -1;
}

/* Reads Z, GMT, UTC or an offset. */
static bool read_zone(const char **at, int *ret_seconds) {
    int sign = **at == '-' ? -1 : 1;
    *ret_seconds = 0;
    if (strncmp(*at, "GMT", 3) == 0 || strncmp(*at, "UTC", 3) == 0 || **at == 'Z') {
        *at += **at == 'Z' ? 1 : 3;
        return true;
    }
    if (**at != '+' && **at != '-')
        return false;
    (*at)++;
    int hours = read_number(at, 2);
    *at += **at == ':';
    int minutes = **at >= '0' && **at <= '9' ? read_number(at, 2) : 0;
    *ret_seconds = sign * (hours * 3600 + minutes * 60);
    return hours >= 0;
}

struct reading {
    struct tm parts;
    int milliseconds;
    int offset; /* in seconds */
    bool is_afternoon;
};

static bool in_range(int number, int min, int max, int *ret_number) {
    *ret_number = number;
    return number >= min && number <= max;
}

/* Reads what one letter stands for. */
static bool read_part(const char **at, char letter, int width, bool is_run, struct reading *read) {
    static const char months[] = "January February March April May June July August September "
                                 "October November December";
    static const char days[] = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday";
    struct tm *parts = &read->parts;
    int digits = is_run ? width : 9;
    int number = 0;
    switch (letter) {
    case 'y':
    case 'u':
        if (!in_range(read_number(at, is_run || width == 2 ? width : 9), 0, 9999, &number))
            return false;
        parts->tm_year = (width == 2 ? number + 2000 : number) - 1900;
        return true;
    case 'M':
    case 'L':
        parts->tm_mon = width >= 3 ? read_name(at, months) : read_number(at, digits) - 1;
        return parts->tm_mon >= 0 && parts->tm_mon < 12;
    case 'd':
        return in_range(read_number(at, digits), 1, 31, &parts->tm_mday);
    case 'E':
        return read_name(at, days) >= 0;
    case 'a':
        number = read_name(at, "AM PM");
        read->is_afternoon = number == 1;
        return number >= 0;
    case 'H':
        return in_range(read_number(at, digits), 0, 23, &parts->tm_hour);
    case 'h':
        if (!in_range(read_number(at, digits), 1, 12, &number))
            return false;
        parts->tm_hour = number % 12;
        return true;
    case 'm':
        return in_range(read_number(at, digits), 0, 59, &parts->tm_min);
    case 's':
        return in_range(read_number(at, digits), 0, 59, &parts->tm_sec);
    case 'S':
        return in_range(read_number(at, digits), 0, 999, &read->milliseconds);
    case 'z':
    case 'Z':
    case 'X':
        return read_zone(at, &read->offset);
    default:
        return false;
    }
}

int java_date_read(const char *pattern, const char *text, int64_t *ret_instant) {
    struct reading read = {.parts = {.tm_year = 70, .tm_mday = 1}};
    bool is_quoted = false;
    while (*pattern) {
        char letter = *pattern;
        if (letter == '\'' && pattern[1] != '\'') {
            is_quoted = !is_quoted;
            pattern++;
            continue;
        }
        if (is_quoted || !is_letter(letter)) {
            pattern += letter == '\'';
            if (*text++ != *pattern++)
                return 1;
            continue;
        }
        int width = 0;
        for (; *pattern == letter; pattern++)
            width++;
        if (!read_part(&text, letter, width, is_letter(*pattern), &read))
            return 1;
    }
    struct tm *parts = &read.parts;
    int day = parts->tm_mday;
    parts->tm_hour += read.is_afternoon ? 12 : 0;
    int64_t seconds = (int64_t)timegm(parts) - read.offset;
    if (*text || parts->tm_mday != day)
        return 1;
    *ret_instant = seconds * 1000 + read.milliseconds;
    return 0;
}
