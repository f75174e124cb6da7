/* Writes values as Java and Jackson do. */
#pragma once

#include "templates/value.h"

/* Appends the value as text. Returns 0, >0 when it becomes too long, or -ENOMEM. */
int value_print(struct value_room *room, const struct value *value, struct buffer *out);

/* Returns 0 and the value as text, which ends with a zero; or as value_print. */
int value_text(struct value_room *room, const struct value *value, const char **ret_text,
               size_t *ret_size);

/* Appends the value as JSON, over several lines as Jackson writes it. Returns as value_print. */
int value_print_json(struct value_room *room, const struct value *value, struct buffer *out);

/* The same into the arena, where a zero follows. */
int value_json_text(struct value_room *room, const struct value *value, const char **ret_text,
                    size_t *ret_size);

/* Whether two values are equal: numbers by value, others by kind and text. Returns 0 or as
 * value_print. */
int value_equals(struct value_room *room, const struct value *a, const struct value *b,
                 bool *ret_is_equal);
