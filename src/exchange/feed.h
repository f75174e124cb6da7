/* A body without an end, which follows the journal of a sandbox. The request needs no thread while
 * nothing happens. */
#pragma once

#include "sandbox/journal.h"
#include "util/buffer.h"

struct feed {
    struct journal *journal; /* of the request's sandbox; NULL: switched off */
    struct journal_mark mark;
    bool is_behind; /* there are entries after the mark */
    bool is_live;   /* has once reached the newest entry, and may pass over some from now on */

    /* Appends what has happened since the mark, and moves the mark. Two feeds of one journal whose
     * marks are equal and that are live get the same text. Returns 0 or -ENOMEM. */
    int (*read_on)(struct feed *feed, struct buffer *out);
};
