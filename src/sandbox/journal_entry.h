/* The entries of a journal. Each is one block of memory. */
#pragma once

#include "sandbox/journal.h"

/* Copies the record into an entry without number and id, to which the caller has the only
 * reference. Secrets are masked unless `keeps_secrets` is set. Returns NULL when memory is out. */
struct journal_entry *journal_entry_new(const struct journal_record *record, bool keeps_secrets);
void journal_entry_release(struct journal_entry *entry);

/* Releases a chain of entries, which `next_gone` links. */
void journal_entry_release_gone(struct journal_entry *gone);
