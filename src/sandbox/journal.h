/* The last exchanges of a sandbox, for tests to look at: at most so many, and at most so many bytes
 * in all; the oldest go first. Threads may share a journal. A NULL journal is one that is switched
 * off: it holds nothing. */
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
    JOURNAL_MAX_BYTES = 8 * 1024 * 1024, /* of all entries */
    JOURNAL_MAX_BODY = 64 * 1024,        /* what is kept of a body */
    JOURNAL_MAX_STUB = 64 * 1024,        /* the JSON of a larger stub is left out */
};

struct journal_message {
    struct name_value_list headers;
    const char *body; /* a zero follows in an entry; NULL: none */
    size_t body_size; /* of what is kept, with its masks */
    size_t body_received;
    bool body_is_cut; /* more was received than what is kept shows */
};

/* What there is to say of an exchange. */
struct journal_record {
    int64_t time; /* epoch ms */
    const char *method;
    const char *target; /* as received */
    const char *url;    /* path and query without what names the sandbox */
    const char *client_ip;
    const char *protocol;
    struct journal_message request;
    struct journal_message response;
    int status;
    const char *breakage;              /* static; NULL: none */
    const struct operation *operation; /* of the contract; NULL: none has the path and method */
    const char *stub_id;               /* the stub that matched; NULL: none */
    const char *stub_json;
    bool stub_answered; /* and did not only hold the emulator's answer back */
    int64_t added_delay_ms;
    int64_t process_us;
};

/* An exchange that was recorded, one block of memory. */
struct journal_entry {
    struct journal_record record;
    char id[UUID_SIZE];
    uint64_t number; /* newer ones have higher */
    size_t size;     /* of the block */
    atomic_int references;
    struct journal_entry *next_gone; /* the journal's own */
};

/* 0 and a journal (owned by the caller) for `capacity` entries, from 1; -ENOMEM. Unless it keeps
 * secrets, it masks them (sandbox/secrets.h). */
int journal_new(size_t capacity, bool keeps_secrets, struct journal **ret_journal);

/* An empty one of the same kind; of NULL it is NULL. 0 or -ENOMEM. */
int journal_new_alike(const struct journal *journal, struct journal **ret_journal);
void journal_free(struct journal *journal);

/* Copies the record. When memory is out the entry is lost, and counted. */
void journal_add(struct journal *journal, const struct journal_record *record);

/* References to entries, the newest first. */
struct journal_list {
    struct journal_entry **entries; /* (owned) */
    size_t count;
};

/* All that there are. 0 or -ENOMEM. */
int journal_list(struct journal *journal, struct journal_list *ret_list);
void journal_list_deinit(struct journal_list *list);

/* Lets go of all but those that `test` has 0 for; >0 is another, and <0 ends it and is returned. */
int journal_list_filter(struct journal_list *list,
                        int (*test)(void *cls, const struct journal_entry *entry), void *cls);

/* The entry with the id, as a list of one; or an empty list. 0 or -ENOMEM. */
int journal_find(struct journal *journal, const char *id, struct journal_list *ret_list);

/* Removes the entries of the list, as far as they are there. */
void journal_remove(struct journal *journal, const struct journal_list *list);
void journal_clear(struct journal *journal);

struct journal_statistics {
    size_t count;
    size_t capacity;
    size_t bytes;
    uint64_t recorded; /* since the start, with those that are gone */
    uint64_t evicted;  /* gone to make room */
    uint64_t lost;     /* memory was out */
};

void journal_measure(struct journal *journal, struct journal_statistics *ret_statistics);
