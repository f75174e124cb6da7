/* Renders entries of the journal in WireMock's format. */
#pragma once

#include "json/json_build.h"
#include "match/pattern.h"
#include "sandbox/journal.h"

/* Adds the exchange to `object` as the members of a ServeEvent. */
void serve_event_render(struct json_builder *builder, struct json_parent object,
                        const struct journal_entry *entry);

/* Adds the request to `object` as the members of a LoggedRequest. What WireMock's format has no
 * member for goes into the member "kestub", which WireMock's clients skip. So do the differences of
 * `report`, unless it is NULL. */
void logged_request_render(struct json_builder *builder, struct json_parent object,
                           const struct journal_entry *entry, const struct match_report *report);

/* Makes the subject that patterns match against. `now` is in epoch ms. Returns 0 or -ENOMEM. The
 * subject borrows from the entry, and needs match_subject_deinit in both cases. */
int serve_event_get_subject(const struct journal_entry *entry, struct arena *arena, int64_t now,
                            struct match_subject *ret_subject);

/* Tells whether a stub or an operation of the contract matched the request. */
bool serve_event_is_matched(const struct journal_entry *entry);
