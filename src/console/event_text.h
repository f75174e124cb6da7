/* The events that the console reads, in the format of server-sent events. */
#pragma once

#include "exchange/feed.h"

/* Appends the event that tells a reader where it is. Returns 0 or -ENOMEM. */
int event_text_greet(const struct feed *feed, struct buffer *out);

/* For struct feed: appends an event for each new entry of the journal. */
int event_text_read_on(struct feed *feed, struct buffer *out);
