/* Entries of the journal, as WireMock shows them. */
#pragma once

#include "json/json_build.h"
#include "match/pattern.h"
#include "sandbox/journal.h"

/* The exchange with its response, a ServeEvent, as members of `object`. */
void serve_event_render(struct json_builder *builder, cJSON *object,
                        const struct journal_entry *entry);

/* The request alone, a LoggedRequest. What WireMock does not know is in its member "kestub", which
 * WireMock's clients skip; the differences of `report` are there too, unless it is NULL. */
void logged_request_render(struct json_builder *builder, cJSON *object,
                           const struct journal_entry *entry, const struct match_report *report);

/* What patterns are held against; `now` in epoch ms. 0 or -ENOMEM. The subject needs its deinit in
 * both cases, and borrows from the entry. */
int serve_event_get_subject(const struct journal_entry *entry, struct arena *arena, int64_t now,
                            struct match_subject *ret_subject);

/* Whether a stub or an operation of the contract answered. */
bool serve_event_is_matched(const struct journal_entry *entry);
