/* Time zones by the names that Java takes: of regions such as Europe/Paris, whose rules the system
 * has in /usr/share/zoneinfo, and offsets such as Z, +02:00, UTC and GMT+2. */
#pragma once

#include <stdint.h>

#include "util/arena.h"

struct time_zone;

/* Returns 0 and the zone in the arena, >0 when there is no such zone, or -ENOMEM. The zone never
 * changes. */
int time_zone_find(const char *name, struct arena *arena, const struct time_zone **ret_zone);

enum { TIME_ZONE_NAME_SIZE = 16 };

struct time_zone_offset {
    int seconds;                    /* east of Greenwich */
    char name[TIME_ZONE_NAME_SIZE]; /* a short one such as CET; of an offset, such as GMT+02:00 */
};

/* Returns what holds at an instant in epoch ms; without a zone (NULL), UTC. */
struct time_zone_offset time_zone_offset_at(const struct time_zone *zone, int64_t instant);
