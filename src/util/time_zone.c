#include "util/time_zone.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "util/cleanup.h"
#include "util/fatal.h"
#include "util/files.h"

#define DIRECTORY "/usr/share/zoneinfo"

enum { MAX_FILE = 64 << 10, DAY = 86400, HOUR = 3600 };

/* The moment of a year at which the offset changes, as in M10.5.0/3. */
struct rule {
    int month, week, weekday; /* week 5 is the last one */
    int seconds;              /* of that day */
};

struct time_zone {
    size_t n_transitions;
    const int64_t *transitions; /* in epoch seconds */
    const unsigned char *kinds; /* the offset that begins with each */
    const struct time_zone_offset *offsets;
    bool has_rules; /* `summer` begins and ends by rules after the last transition */
    struct time_zone_offset standard, summer;
    struct rule start, end;
};

/* --- offsets -----------------------------------------------------------------------------------
 */

static bool read_digits(const char **at, size_t min, size_t max, int limit, int *ret_number) {
    int number = 0;
    size_t count = 0;
    for (; count < max && **at >= '0' && **at <= '9'; count++)
        number = number * 10 + (*(*at)++ - '0');
    *ret_number = number;
    return count >= min && number <= limit;
}

/* Reads +2, +02, +0200 and +02:00. */
static bool read_offset(const char *text, int *ret_seconds) {
    int hours = 0;
    int minutes = 0;
    int sign = *text == '-' ? -1 : 1;
    if (*text != '+' && *text != '-')
        return false;
    text++;
    if (!read_digits(&text, 1, 2, 18, &hours))
        return false;
    if (*text == ':')
        text++;
    if (*text && !read_digits(&text, 2, 2, 59, &minutes))
        return false;
    *ret_seconds = sign * (hours * HOUR + minutes * 60);
    return *text == '\0';
}

static bool read_fixed(const char *name, struct time_zone_offset *ret_offset) {
    static const char *const prefixes[] = {"GMT", "UTC", "UT", ""};
    struct time_zone_offset offset = {0};
    if (strcmp(name, "Z") == 0)
        name = "UTC";
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
        size_t length = strlen(prefixes[i]);
        if (strncmp(name, prefixes[i], length) != 0)
            continue;
        if (length > 0 && name[length] == '\0') {
            strcpy(offset.name, prefixes[i]);
            *ret_offset = offset;
            return true;
        }
        if (!read_offset(name + length, &offset.seconds))
            continue;
        int minutes = abs(offset.seconds) / 60;
        snprintf(offset.name, sizeof(offset.name), "GMT%c%02d:%02d", offset.seconds < 0 ? '-' : '+',
                 minutes / 60 % 100, minutes % 60);
        *ret_offset = offset;
        return true;
    }
    return false;
}

/* --- rules of POSIX, as in CET-1CEST,M3.5.0,M10.5.0/3 -------------------------------------------
 */

static bool read_name(const char **at, char out[TIME_ZONE_NAME_SIZE]) {
    bool is_quoted = **at == '<';
    const char *start = *at + is_quoted;
    size_t length = is_quoted ? strcspn(start, ">") : strcspn(start, "+-,0123456789");
    if (length == 0 || length >= TIME_ZONE_NAME_SIZE)
        return false;
    memcpy(out, start, length);
    out[length] = '\0';
    *at = start + length + (is_quoted && start[length] == '>');
    return true;
}

/* Reads hours, minutes and seconds with an optional sign. */
static bool read_time(const char **at, int *ret_seconds) {
    int parts[3] = {0};
    int sign = **at == '-' ? -1 : 1;
    *at += **at == '-' || **at == '+';
    for (int i = 0; i < 3; i++) {
        if (!read_digits(at, 1, 3, 167, &parts[i]))
            return false;
        if (**at != ':')
            break;
        (*at)++;
    }
    *ret_seconds = sign * (parts[0] * HOUR + parts[1] * 60 + parts[2]);
    return true;
}

static bool skip(const char **at, char c) {
    if (**at != c)
        return false;
    ++*at;
    return true;
}

static bool read_rule(const char **at, struct rule *ret_rule) {
    *ret_rule = (struct rule){.seconds = 2 * HOUR};
    if (strncmp(*at, ",M", 2) != 0)
        return false;
    *at += 2;
    if (!read_digits(at, 1, 2, 12, &ret_rule->month) || !skip(at, '.') ||
        !read_digits(at, 1, 1, 5, &ret_rule->week) || !skip(at, '.') ||
        !read_digits(at, 1, 1, 6, &ret_rule->weekday))
        return false;
    if (**at != '/')
        return true;
    (*at)++;
    return read_time(at, &ret_rule->seconds);
}

static void read_rules(const char *text, struct time_zone *zone) {
    int west = 0;
    if (!read_name(&text, zone->standard.name) || !read_time(&text, &west))
        return;
    zone->standard.seconds = -west;
    if (!read_name(&text, zone->summer.name))
        return;
    zone->summer.seconds = zone->standard.seconds + HOUR;
    if (*text != ',' && *text) {
        if (!read_time(&text, &west))
            return;
        zone->summer.seconds = -west;
    }
    zone->has_rules = read_rule(&text, &zone->start) && read_rule(&text, &zone->end);
}

/* The epoch second at which the rule applies in a year, for clocks that are `offset` ahead. */
static int64_t moment_of(const struct rule *rule, int year, int offset) {
    struct tm first = {.tm_year = year, .tm_mon = rule->month - 1, .tm_mday = 1};
    time_t start = timegm(&first);
    gmtime_r(&start, &first);
    int day = (rule->weekday - first.tm_wday + 7) % 7 + (rule->week - 1) * 7;
    struct tm next = {.tm_year = year, .tm_mon = rule->month, .tm_mday = 1};
    while (day * (int64_t)DAY + start >= timegm(&next))
        day -= 7;
    return start + day * (int64_t)DAY + rule->seconds - offset;
}

static bool is_summer(const struct time_zone *zone, int64_t seconds) {
    struct tm parts;
    time_t time = (time_t)(seconds + zone->standard.seconds);
    gmtime_r(&time, &parts);
    int64_t start = moment_of(&zone->start, parts.tm_year, zone->standard.seconds);
    int64_t end = moment_of(&zone->end, parts.tm_year, zone->summer.seconds);
    return start < end ? seconds >= start && seconds < end : seconds >= start || seconds < end;
}

/* --- the system's files (RFC 8536) -------------------------------------------------------------
 */

enum { HEADER = 44, COUNTS = 20, KIND_SIZE = 6 };

static int64_t read_big_endian(const unsigned char *bytes, size_t size) {
    uint64_t number = bytes[0] & 0x80 ? UINT64_MAX : 0;
    for (size_t i = 0; i < size; i++)
        number = number << 8 | bytes[i];
    return (int64_t)number;
}

struct block {
    const unsigned char *bytes;
    size_t n_utc, n_standard, n_leaps, n_times, n_kinds, n_chars;
};

/* Returns the bytes of the block that follows a header, or 0 when the file is too short. */
static size_t read_block(const unsigned char *bytes, size_t size, size_t time_size,
                         struct block *ret_block) {
    size_t counts[6];
    if (size < HEADER || memcmp(bytes, "TZif", 4) != 0)
        return 0;
    for (size_t i = 0; i < 6; i++) {
        counts[i] = (size_t)read_big_endian(bytes + COUNTS + i * 4, 4);
        if (counts[i] > MAX_FILE)
            return 0;
    }
    *ret_block = (struct block){bytes + HEADER, counts[0], counts[1], counts[2],
                                counts[3],      counts[4], counts[5]};
    size_t length = HEADER + counts[3] * (time_size + 1) + counts[4] * KIND_SIZE + counts[5] +
                    counts[2] * (time_size + 4) + counts[1] + counts[0];
    return length <= size && counts[4] > 0 ? length : 0;
}

static int read_tables(const struct block *block, struct arena *arena, struct time_zone *zone) {
    int64_t *times = arena_alloc(arena, (block->n_times + 1) * sizeof(*times));
    char *kinds =
        arena_copy(arena, (const char *)block->bytes + block->n_times * 8, block->n_times);
    struct time_zone_offset *offsets = arena_alloc(arena, block->n_kinds * sizeof(*offsets));
    if (!times || !kinds || !offsets)
        return FATAL(ENOMEM);
    const unsigned char *table = block->bytes + block->n_times * 9;
    const char *names = (const char *)table + block->n_kinds * KIND_SIZE;
    for (size_t i = 0; i < block->n_kinds; i++, table += KIND_SIZE) {
        offsets[i].seconds = (int)read_big_endian(table, 4);
        if (table[5] < block->n_chars)
            snprintf(offsets[i].name, sizeof(offsets[i].name), "%.*s",
                     (int)(block->n_chars - table[5]), names + table[5]);
    }
    for (size_t i = 0; i < block->n_times; i++) {
        times[i] = read_big_endian(block->bytes + i * 8, 8);
        if ((unsigned char)kinds[i] >= block->n_kinds)
            return 1;
    }
    zone->transitions = times;
    zone->n_transitions = block->n_times;
    zone->kinds = (const unsigned char *)kinds;
    zone->offsets = offsets;
    return 0;
}

static int read_file(const char *text, size_t size, struct arena *arena, struct time_zone *zone) {
    const unsigned char *bytes = (const unsigned char *)text;
    struct block block;
    size_t first = read_block(bytes, size, 4, &block);
    size_t second = first > 0 ? read_block(bytes + first, size - first, 8, &block) : 0;
    if (second == 0)
        return 1;
    int r = read_tables(&block, arena, zone);
    const char *footer = text + first + second;
    size_t left = size - first - second;
    const char *end = left > 1 ? memchr(footer + 1, '\n', left - 1) : NULL;
    if (r != 0 || !end)
        return r;
    char *rules = arena_copy(arena, footer + 1, (size_t)(end - footer - 1));
    if (!rules)
        return FATAL(ENOMEM);
    read_rules(rules, zone);
    return 0;
}

static bool is_region(const char *name) {
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";
    return *name && *name != '/' && strlen(name) < 64 && name[strspn(name, letters)] == '\0';
}

int time_zone_find(const char *name, struct arena *arena, const struct time_zone **ret_zone) {
    CLEANUP(cleanup_free) char *bytes = NULL;
    size_t size = 0;
    struct time_zone *zone = arena_alloc(arena, sizeof(*zone));
    if (!zone)
        return FATAL(ENOMEM);
    int r = 0;
    if (!read_fixed(name, &zone->standard)) {
        r = is_region(name) ? files_read(DIRECTORY, name, &bytes, &size) : 1;
        if (r < 0)
            r = fatal_errno(r) == ENOMEM ? r : 1;
        else if (r == 0)
            r = read_file(bytes, size, arena, zone);
    }
    if (r == 0)
        *ret_zone = zone;
    return r;
}

struct time_zone_offset time_zone_offset_at(const struct time_zone *zone, int64_t instant) {
    int64_t seconds = instant / 1000 - (instant % 1000 < 0);
    if (!zone)
        return (struct time_zone_offset){.name = "UTC"};
    size_t count = zone->n_transitions;
    if (count == 0 && !zone->offsets)
        return zone->standard;
    if (zone->has_rules && (count == 0 || seconds >= zone->transitions[count - 1]))
        return is_summer(zone, seconds) ? zone->summer : zone->standard;
    while (count > 0 && zone->transitions[count - 1] > seconds)
        count--;
    return zone->offsets[count > 0 ? zone->kinds[count - 1] : 0];
}
