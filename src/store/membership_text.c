#include "store/membership_text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/statement.h"
#include "util/fatal.h"

enum {
    DIGITS = 19, /* of the largest key */
    ITEM_SIZE = DIGITS + DIGITS + sizeof("[,,0,0],"),
};

struct cursor {
    const char *next;
    const char *end;
};

static bool take(struct cursor *cursor, char c) {
    if (cursor->next == cursor->end || *cursor->next != c)
        return false;
    cursor->next++;
    return true;
}

static bool take_number(struct cursor *cursor, int64_t *ret_number) {
    const char *start = cursor->next;
    int64_t number = 0;
    for (; cursor->next < cursor->end && *cursor->next >= '0' && *cursor->next <= '9';
         cursor->next++) {
        int digit = *cursor->next - '0';
        if (number > (INT64_MAX - digit) / 10)
            return false;
        number = number * 10 + digit;
    }
    *ret_number = number;
    return cursor->next > start;
}

static bool take_flag(struct cursor *cursor, bool *ret_flag) {
    *ret_flag = cursor->next < cursor->end && *cursor->next == '1';
    return take(cursor, *ret_flag ? '1' : '0');
}

static bool take_membership(struct cursor *cursor, int64_t place, struct membership *item) {
    bool is_owner = false;
    item->position = place;
    bool is_valid = take(cursor, '[')
                        ? take_number(cursor, &item->group_pk) && take(cursor, ',') &&
                              take_number(cursor, &item->position) && take(cursor, ',') &&
                              take_flag(cursor, &is_owner) && take(cursor, ',') &&
                              take_flag(cursor, &item->external) && take(cursor, ']')
                        : take_number(cursor, &item->group_pk);
    item->kind = is_owner ? MEMBERSHIP_OWNER : MEMBERSHIP_MEMBER;
    return is_valid;
}

static int compare_positions(const void *a, const void *b) {
    int64_t left = ((const struct membership *)a)->position;
    int64_t right = ((const struct membership *)b)->position;
    return left != right ? (left > right) - (left < right) : membership_compare(a, b);
}

/* Most lists are in order, or have a few items. */
static void sort(struct membership_list *list, int (*compare)(const void *a, const void *b)) {
    enum { FEW = 8 };
    if (list->count > FEW) {
        qsort(list->items, list->count, sizeof(*list->items), compare);
        return;
    }
    for (size_t i = 1; i < list->count; i++) {
        struct membership item = list->items[i];
        size_t j = i;
        for (; j > 0 && compare(&list->items[j - 1], &item) > 0; j--)
            list->items[j] = list->items[j - 1];
        list->items[j] = item;
    }
}

int membership_text_parse(const char *text, size_t size, struct arena *arena,
                          struct membership_list *ret_list) {
    struct cursor cursor = {text, text + size};
    struct membership_list list = {0};
    size_t capacity = 1;
    for (size_t i = 0; i < size; i++)
        capacity += text[i] == ',';
    list.items = arena_alloc(arena, capacity * sizeof(*list.items));
    if (!list.items)
        return FATAL(ENOMEM);
    bool is_valid = take(&cursor, '[');
    do {
        is_valid = is_valid && list.count < capacity &&
                   take_membership(&cursor, (int64_t)list.count, &list.items[list.count]);
        list.count++;
    } while (is_valid && take(&cursor, ','));
    if (!is_valid || !take(&cursor, ']') || cursor.next != cursor.end)
        return FATAL(EINVAL);
    sort(&list, membership_compare);
    for (size_t i = 1; i < list.count; i++)
        if (list.items[i - 1].group_pk == list.items[i].group_pk)
            return FATAL(EINVAL);
    *ret_list = list;
    return 0;
}

int column_memberships(struct store *store, sqlite3_stmt *statement, int column,
                       struct arena *arena, struct membership_list *ret_list) {
    *ret_list = (struct membership_list){0};
    if (sqlite3_column_type(statement, column) == SQLITE_NULL)
        return 0;
    const char *text = (const char *)sqlite3_column_text(statement, column);
    if (!text)
        return FATAL(ENOMEM);
    int r = membership_text_parse(text, (size_t)sqlite3_column_bytes(statement, column), arena,
                                  ret_list);
    if (fatal_errno(r) != EINVAL)
        return r;
    snprintf(store->error, sizeof(store->error), "the groups of a user are damaged");
    return FATAL(EIO);
}

static char *put_number(char *out, int64_t number) {
    char digits[DIGITS];
    char *first = digits + DIGITS;
    do
        *--first = (char)('0' + number % 10);
    while (number /= 10);
    size_t length = (size_t)(digits + DIGITS - first);
    memcpy(out, first, length);
    return out + length;
}

static char *put_membership(char *out, const struct membership *item, int64_t place) {
    if (item->kind == MEMBERSHIP_MEMBER && !item->external && item->position == place)
        return put_number(out, item->group_pk);
    *out++ = '[';
    out = put_number(out, item->group_pk);
    *out++ = ',';
    out = put_number(out, item->position);
    *out++ = ',';
    *out++ = item->kind == MEMBERSHIP_OWNER ? '1' : '0';
    *out++ = ',';
    *out++ = item->external ? '1' : '0';
    *out++ = ']';
    return out;
}

int membership_text_format(const struct membership_list *list, struct arena *arena,
                           const char **ret_text, size_t *ret_size) {
    *ret_text = NULL;
    *ret_size = 0;
    if (list->count == 0)
        return 0;
    struct membership_list sorted = {
        .items = arena_alloc(arena, list->count * sizeof(*list->items)), .count = list->count};
    char *text = arena_alloc(arena, list->count * ITEM_SIZE + 1);
    if (!sorted.items || !text)
        return FATAL(ENOMEM);
    memcpy(sorted.items, list->items, list->count * sizeof(*list->items));
    sort(&sorted, compare_positions);
    char *out = text;
    for (size_t i = 0; i < sorted.count; i++) {
        *out++ = i == 0 ? '[' : ',';
        out = put_membership(out, &sorted.items[i], (int64_t)i);
    }
    *out++ = ']';
    *ret_text = text;
    *ret_size = (size_t)(out - text);
    return 0;
}
