/* The last exchanges of a sandbox, for tests to look at. Their number and their bytes are limited;
 * the oldest make room for new ones. Threads may share a journal. A NULL journal is switched off
 * and holds nothing. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "contract/contract.h"
#include "util/name_value.h"
#include "util/uuid.h"

struct journal;

enum {
    JOURNAL_MAX_BYTES = 8 * 1024 * 1024, /* for all entries */
    JOURNAL_MAX_BODY = 64 * 1024,        /* how much of a body is kept */
    JOURNAL_MAX_STUB = 64 * 1024,        /* the JSON of larger stubs is left out */
};

struct journal_message {
    struct name_value_list headers;
    const char *body; /* zero-terminated in an entry; NULL: no body */
    size_t body_size; /* as kept, with its masks */
    size_t body_received;
    bool body_is_cut; /* more was received than what is kept shows */
};

/* What is recorded of an exchange. */
struct journal_record {
    int64_t time; /* epoch ms */
    const char *method;
    const char *target; /* as received */
    const char *url;    /* path and query, without the prefix that names a sandbox */
    const char *client_ip;
    const char *protocol;
    bool is_tls;
    struct journal_message request;
    struct journal_message response;
    int status;
    const char *breakage;              /* a static string, or NULL */
    const struct operation *operation; /* of the contract; NULL: none matched */
    const char *stub_id;               /* of the stub that matched, or NULL */
    const char *stub_json;
    bool stub_answered;    /* false when the stub only delayed the emulator's response */
    const char *principal; /* who called; NULL: nobody is known */
    const char *changes;   /* of the state, for changes_print; NULL: none */
    size_t n_changes;      /* also those for which there was no room */
    unsigned faults;       /* that played a part, a bit for each enum profile */
    bool by_console;
    int64_t added_delay_ms;
    int64_t process_us;
    bool replaces; /* as memory is short, the entry takes the place of older ones */
};

/* A recorded exchange. It is one block of memory. */
struct journal_entry {
    struct journal_record record;
    char id[UUID_SIZE];
    uint64_t number; /* newer entries have higher numbers */
    size_t size;     /* of the block */
    atomic_int references;
    struct journal_entry *next_gone; /* for the journal only */
};

/* Returns 0 and a journal (owned by the caller) for `capacity` entries, at least 1; or -ENOMEM.
 * Unless `keeps_secrets` is set, the journal masks them, see sandbox/secrets.h. */
int journal_new(size_t capacity, bool keeps_secrets, struct journal **ret_journal);

/* Makes an empty journal with the same options; NULL gives NULL. Returns 0 or -ENOMEM. */
int journal_new_alike(const struct journal *journal, struct journal **ret_journal);
void journal_free(struct journal *journal);

/* Copies the record. When memory is out, or the entry cannot take the place of others and has to,
 * it is lost and the loss is counted. */
void journal_add(struct journal *journal, const struct journal_record *record);

/* A list that owns one reference to each of its entries, the newest first. */
struct journal_list {
    struct journal_entry **entries; /* (owned) */
    size_t count;
};

/* Lists all entries. Returns 0 or -ENOMEM. */
int journal_list(struct journal *journal, struct journal_list *ret_list);
void journal_list_deinit(struct journal_list *list);

/* Keeps the entries for which `test` returns 0 and releases those for which it returns >0. When
 * `test` returns <0, all remaining entries are released and that result is returned. */
int journal_list_filter(struct journal_list *list,
                        int (*test)(void *cls, const struct journal_entry *entry), void *cls);

/* Finds the entry with the id, as a list of one or an empty list. Returns 0 or -ENOMEM. */
int journal_find(struct journal *journal, const char *id, struct journal_list *ret_list);

/* Removes the entries of the list that are still in the journal. */
void journal_remove(struct journal *journal, const struct journal_list *list);
void journal_clear(struct journal *journal);

/* How far a reader has come in a journal. All zero is before everything. */
struct journal_mark {
    uint64_t changes; /* see journal_changes */
    uint64_t removals;
    uint64_t number;
};

/* Lists the entries that are newer than the mark, and moves it past them. If the mark is all zero,
 * or entries were removed since (other than to make room), it lists all and sets *ret_anew. Returns
 * 0 or -ENOMEM. */
int journal_list_new(struct journal *journal, struct journal_mark *mark,
                     struct journal_list *ret_list, bool *ret_anew);

/* Marks the place before the newest `last` entries. */
void journal_mark_last(struct journal *journal, size_t last, struct journal_mark *ret_mark);

/* Marks the place after the entry with the id, which need not be there any more. Returns >0 when
 * the id is not of this journal. */
int journal_mark_after(struct journal *journal, const char *id, struct journal_mark *ret_mark);

/* What journal_read_on has found. */
struct journal_reading {
    struct journal_list list; /* (owned) the newest first */
    bool is_anew;             /* entries were removed: the list starts before everything */
    bool has_more;            /* the mark has not passed all entries */
    uint64_t missed;          /* entries after the mark that are not in the list, nor will be */
};

/* Lists the oldest `limit` entries after the mark, and moves the mark past them. When more than
 * `most` entries are there, it passes over all but the newest `limit`. Returns 0 or -ENOMEM. */
int journal_read_on(struct journal *journal, struct journal_mark *mark, size_t limit, size_t most,
                    struct journal_reading *ret_reading);

/* Returns a number that grows when entries come or are removed, and when the journal is closed. */
uint64_t journal_changes(const struct journal *journal);

/* Closes the journal of a sandbox that is deleted: those who wait for its entries can give up. It
 * still takes and shows entries. A NULL journal is not closed. */
void journal_close(struct journal *journal);
bool journal_is_closed(const struct journal *journal);

/* Rung after each change of a journal that somebody watches, on the thread that makes it. Must not
 * block. */
struct journal_bell {
    void (*ring)(struct journal_bell *bell);
};

/* Adds a watcher. All watchers of a journal use the same bell (borrowed), which must outlive all
 * threads that change the journal. Returns how many there are now. */
size_t journal_watch(struct journal *journal, struct journal_bell *bell);
void journal_unwatch(struct journal *journal);

struct journal_statistics {
    size_t count;
    size_t capacity;
    size_t bytes;
    uint64_t recorded; /* since the start, including entries that are gone */
    uint64_t evicted;  /* removed to make room */
    uint64_t lost;     /* not recorded because memory was short */
};

void journal_measure(struct journal *journal, struct journal_statistics *ret_statistics);
