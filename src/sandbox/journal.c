#include "sandbox/journal.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <sodium.h>

#include "sandbox/journal_entry.h"
#include "util/fatal.h"

enum { ID_PREFIX_SIZE = 24, NUMBER_DIGITS = 12 };

struct journal {
    size_t capacity;
    bool keeps_secrets;
    char id_prefix[ID_PREFIX_SIZE + 1]; /* all ids start with it; the entry's number follows */
    atomic_uint_least64_t lost;
    atomic_uint_least64_t changes; /* written under the lock */
    atomic_bool closed;
    pthread_mutex_t mutex;       /* guards the members below */
    struct journal_entry **ring; /* (owned) grows up to the capacity; NULL before the first */
    size_t n_places;             /* of the ring */
    size_t first;                /* the oldest */
    size_t count;
    size_t bytes;
    uint64_t recorded;
    uint64_t evicted;
    uint64_t removals; /* 1 at first, so that a mark of zeros is before all */
    struct journal_bell *bell;
    size_t watchers;
};

int journal_new(size_t capacity, bool keeps_secrets, struct journal **ret_journal) {
    unsigned char random[10];
    struct journal *journal = calloc(1, sizeof(*journal));
    if (!journal)
        return FATAL(ENOMEM);
    journal->capacity = capacity;
    journal->keeps_secrets = keeps_secrets;
    journal->removals = 1;
    pthread_mutex_init(&journal->mutex, NULL);
    /* A UUID of version 8 (RFC 9562): a random prefix for each journal, then the entry's number. */
    randombytes_buf(random, sizeof(random));
    snprintf(journal->id_prefix, sizeof(journal->id_prefix),
             "%02x%02x%02x%02x-%02x%02x-8%x%02x-%x%x%02x-", random[0], random[1], random[2],
             random[3], random[4], random[5], random[6] & 15, random[7], 8 | (random[6] >> 4 & 3),
             random[8] & 15, random[9]);
    *ret_journal = journal;
    return 0;
}

int journal_new_alike(const struct journal *journal, struct journal **ret_journal) {
    if (journal)
        return journal_new(journal->capacity, journal->keeps_secrets, ret_journal);
    *ret_journal = NULL;
    return 0;
}

void journal_free(struct journal *journal) {
    if (!journal)
        return;
    journal_clear(journal);
    pthread_mutex_destroy(&journal->mutex);
    free((void *)journal->ring);
    free(journal);
}

/* Called with the lock. Returns the entry of this age; 0 is the oldest. */
static struct journal_entry **place(const struct journal *journal, size_t age) {
    return &journal->ring[(journal->first + age) % journal->n_places];
}

/* Called with the lock. Makes a place for one more entry, of which there are less than the
 * capacity. Returns false when memory is out. */
static bool make_place(struct journal *journal) {
    enum { FEW = 16 };
    if (journal->count < journal->n_places)
        return true;
    size_t n_places = journal->n_places > 0 ? 2 * journal->n_places : FEW;
    if (n_places > journal->capacity)
        n_places = journal->capacity;
    struct journal_entry **ring = calloc(n_places, sizeof(struct journal_entry *));
    if (!ring)
        return false;
    for (size_t age = 0; age < journal->n_places; age++) /* all of them are taken */
        ring[age] = *place(journal, age);
    free((void *)journal->ring);
    journal->ring = ring;
    journal->n_places = n_places;
    journal->first = 0;
    return true;
}

/* Called with the lock. Adds the entry to the chain `gone`, which the caller releases without the
 * lock. */
static void evict_oldest(struct journal *journal, struct journal_entry **gone) {
    struct journal_entry *oldest = *place(journal, 0);
    journal->first = (journal->first + 1) % journal->n_places;
    journal->count--;
    journal->bytes -= oldest->size;
    oldest->next_gone = *gone;
    *gone = oldest;
}

/* Called with the lock. Returns the bell to ring without the lock, or NULL. */
static struct journal_bell *note_change(struct journal *journal) {
    atomic_fetch_add_explicit(&journal->changes, 1, memory_order_release);
    return journal->watchers > 0 ? journal->bell : NULL;
}

static void ring(struct journal_bell *bell) {
    if (bell)
        bell->ring(bell);
}

/* This runs under the lock and must be quick, so it does not use printf. */
static void write_id(const struct journal *journal, uint64_t number, char out[UUID_SIZE]) {
    memcpy(out, journal->id_prefix, ID_PREFIX_SIZE);
    for (int i = NUMBER_DIGITS - 1; i >= 0; i--, number >>= 4)
        out[ID_PREFIX_SIZE + i] = "0123456789abcdef"[number & 15];
    out[UUID_SIZE - 1] = '\0';
}

void journal_add(struct journal *journal, const struct journal_record *record) {
    if (!journal)
        return;
    struct journal_entry *gone = NULL;
    struct journal_bell *bell = NULL;
    struct journal_entry *entry = journal_entry_new(record, journal->keeps_secrets);
    if (!entry) {
        atomic_fetch_add_explicit(&journal->lost, 1, memory_order_relaxed);
        return;
    }
    pthread_mutex_lock(&journal->mutex);
    size_t most = record->replaces ? journal->bytes : JOURNAL_MAX_BYTES;
    bool fits = !record->replaces || entry->size <= most;
    while (fits && (journal->count == journal->capacity ||
                    (journal->count > 0 && journal->bytes + entry->size > most))) {
        evict_oldest(journal, &gone);
        journal->evicted++;
    }
    fits = fits && make_place(journal);
    if (fits) {
        entry->number = ++journal->recorded;
        write_id(journal, entry->number, entry->id);
        *place(journal, journal->count++) = entry;
        journal->bytes += entry->size;
        bell = note_change(journal);
    }
    pthread_mutex_unlock(&journal->mutex);
    ring(bell);
    journal_entry_release_gone(gone);
    if (fits)
        return;
    journal_entry_release(entry);
    atomic_fetch_add_explicit(&journal->lost, 1, memory_order_relaxed);
}

/* Called with the lock. Returns the age of the first entry that has at least this number. */
static size_t find_number(const struct journal *journal, uint64_t number) {
    size_t low = 0;
    for (size_t high = journal->count; low < high;) {
        size_t middle = low + (high - low) / 2;
        if ((*place(journal, middle))->number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int journal_list(struct journal *journal, struct journal_list *ret_list) {
    struct journal_mark start = {0};
    bool anew;
    return journal_list_new(journal, &start, ret_list, &anew);
}

/* Called with the lock. Adds references to at most `limit` entries from an age on; the list has
 * room. */
static void list_from(const struct journal *journal, size_t first, size_t limit,
                      struct journal_list *list) {
    size_t end = journal->count - first > limit ? first + limit : journal->count;
    for (size_t age = end; age-- > first;) {
        struct journal_entry *entry = *place(journal, age);
        atomic_fetch_add_explicit(&entry->references, 1, memory_order_relaxed);
        list->entries[list->count++] = entry;
    }
}

/* Called with the lock. Returns the age of the first entry that the mark has not passed. */
static size_t find_mark(const struct journal *journal, const struct journal_mark *mark) {
    return mark->removals == journal->removals ? find_number(journal, mark->number + 1) : 0;
}

int journal_list_new(struct journal *journal, struct journal_mark *mark,
                     struct journal_list *ret_list, bool *ret_anew) {
    struct journal_list list = {0};
    if (!journal) {
        *ret_list = list;
        *ret_anew = true;
        return 0;
    }
    pthread_mutex_lock(&journal->mutex);
    size_t first = find_mark(journal, mark);
    list.entries = calloc(journal->count - first + 1, sizeof(struct journal_entry *));
    if (list.entries) {
        list_from(journal, first, journal->count, &list);
        *ret_list = list;
        *ret_anew = mark->removals != journal->removals;
        *mark = (struct journal_mark){.changes = journal_changes(journal),
                                      .removals = journal->removals,
                                      .number = journal->recorded};
    }
    pthread_mutex_unlock(&journal->mutex);
    return list.entries ? 0 : FATAL(ENOMEM);
}

void journal_mark_last(struct journal *journal, size_t last, struct journal_mark *ret_mark) {
    *ret_mark = (struct journal_mark){0};
    if (!journal)
        return;
    pthread_mutex_lock(&journal->mutex);
    *ret_mark = (struct journal_mark){.changes = journal_changes(journal),
                                      .removals = journal->removals,
                                      .number = journal->recorded};
    if (last > 0 && journal->count > 0)
        ret_mark->number =
            (*place(journal, last < journal->count ? journal->count - last : 0))->number - 1;
    pthread_mutex_unlock(&journal->mutex);
}

/* Whether the id is of an entry that this journal has or had. */
static bool is_own_id(const struct journal *journal, const char *id) {
    return journal && strlen(id) == UUID_SIZE - 1 &&
           strncasecmp(id, journal->id_prefix, ID_PREFIX_SIZE) == 0;
}

static uint64_t number_of(const char *id) {
    return strtoull(id + ID_PREFIX_SIZE, NULL, 16);
}

int journal_mark_after(struct journal *journal, const char *id, struct journal_mark *ret_mark) {
    if (!is_own_id(journal, id))
        return 1;
    journal_mark_last(journal, 0, ret_mark);
    uint64_t number = number_of(id);
    if (number < ret_mark->number)
        ret_mark->number = number;
    return 0;
}

int journal_read_on(struct journal *journal, struct journal_mark *mark, size_t limit, size_t most,
                    struct journal_reading *ret_reading) {
    struct journal_reading reading = {0};
    reading.list.entries = calloc(limit, sizeof(struct journal_entry *));
    if (!reading.list.entries)
        return FATAL(ENOMEM);
    if (!journal) {
        *ret_reading = reading;
        return 0;
    }
    pthread_mutex_lock(&journal->mutex);
    reading.is_anew = mark->removals != journal->removals;
    if (reading.is_anew)
        *mark = (struct journal_mark){.removals = journal->removals};
    size_t first = find_mark(journal, mark);
    if (first == 0 && journal->count > 0 && mark->number > 0)
        reading.missed = (*place(journal, 0))->number - mark->number - 1;
    if (journal->count - first > most) {
        reading.missed += journal->count - first - limit;
        first = journal->count - limit;
    }
    list_from(journal, first, limit, &reading.list);
    reading.has_more = first + reading.list.count < journal->count;
    mark->changes = journal_changes(journal);
    mark->number = reading.has_more && reading.list.count > 0 ? reading.list.entries[0]->number
                                                              : journal->recorded;
    pthread_mutex_unlock(&journal->mutex);
    *ret_reading = reading;
    return 0;
}

uint64_t journal_changes(const struct journal *journal) {
    return atomic_load_explicit(&journal->changes, memory_order_acquire);
}

void journal_close(struct journal *journal) {
    if (!journal)
        return;
    pthread_mutex_lock(&journal->mutex);
    atomic_store_explicit(&journal->closed, true, memory_order_relaxed);
    struct journal_bell *bell = note_change(journal);
    pthread_mutex_unlock(&journal->mutex);
    ring(bell);
}

bool journal_is_closed(const struct journal *journal) {
    return journal && atomic_load_explicit(&journal->closed, memory_order_relaxed);
}

size_t journal_watch(struct journal *journal, struct journal_bell *bell) {
    pthread_mutex_lock(&journal->mutex);
    journal->bell = bell;
    size_t watchers = ++journal->watchers;
    pthread_mutex_unlock(&journal->mutex);
    return watchers;
}

void journal_unwatch(struct journal *journal) {
    pthread_mutex_lock(&journal->mutex);
    journal->watchers--;
    pthread_mutex_unlock(&journal->mutex);
}

void journal_list_deinit(struct journal_list *list) {
    for (size_t i = 0; i < list->count; i++)
        journal_entry_release(list->entries[i]);
    free((void *)list->entries);
    *list = (struct journal_list){0};
}

int journal_list_filter(struct journal_list *list,
                        int (*test)(void *cls, const struct journal_entry *entry), void *cls) {
    size_t kept = 0;
    int r = 0;
    for (size_t i = 0; i < list->count; i++) {
        struct journal_entry *entry = list->entries[i];
        int outcome = r < 0 ? 1 : test(cls, entry);
        if (outcome < 0)
            r = outcome;
        if (outcome == 0)
            list->entries[kept++] = entry;
        else
            journal_entry_release(entry);
    }
    list->count = kept;
    return r;
}

int journal_find(struct journal *journal, const char *id, struct journal_list *ret_list) {
    struct journal_list list = {0};
    if (is_own_id(journal, id)) {
        list.entries = calloc(1, sizeof(struct journal_entry *));
        if (!list.entries)
            return FATAL(ENOMEM);
        pthread_mutex_lock(&journal->mutex);
        size_t age = find_number(journal, number_of(id));
        struct journal_entry *entry = age < journal->count ? *place(journal, age) : NULL;
        if (entry && strcasecmp(entry->id, id) == 0) {
            atomic_fetch_add_explicit(&entry->references, 1, memory_order_relaxed);
            list.entries[list.count++] = entry;
        }
        pthread_mutex_unlock(&journal->mutex);
    }
    *ret_list = list;
    return 0;
}

void journal_remove(struct journal *journal, const struct journal_list *list) {
    struct journal_entry *gone = NULL;
    if (!journal)
        return;
    pthread_mutex_lock(&journal->mutex);
    size_t left = list->count; /* the list ends with its oldest entry */
    size_t kept = 0;
    for (size_t age = 0; age < journal->count; age++) {
        struct journal_entry *entry = *place(journal, age);
        while (left > 0 && list->entries[left - 1]->number < entry->number)
            left--;
        if (left > 0 && list->entries[left - 1] == entry) {
            journal->bytes -= entry->size;
            entry->next_gone = gone;
            gone = entry;
        } else {
            *place(journal, kept++) = entry;
        }
    }
    journal->count = kept;
    journal->removals++;
    struct journal_bell *bell = note_change(journal);
    pthread_mutex_unlock(&journal->mutex);
    ring(bell);
    journal_entry_release_gone(gone);
}

void journal_clear(struct journal *journal) {
    struct journal_entry *gone = NULL;
    if (!journal)
        return;
    pthread_mutex_lock(&journal->mutex);
    while (journal->count > 0)
        evict_oldest(journal, &gone);
    journal->removals++;
    struct journal_bell *bell = note_change(journal);
    pthread_mutex_unlock(&journal->mutex);
    ring(bell);
    journal_entry_release_gone(gone);
}

void journal_measure(struct journal *journal, struct journal_statistics *ret_statistics) {
    struct journal_statistics statistics = {0};
    if (journal) {
        pthread_mutex_lock(&journal->mutex);
        statistics = (struct journal_statistics){
            .count = journal->count,
            .capacity = journal->capacity,
            .bytes = journal->bytes,
            .recorded = journal->recorded,
            .evicted = journal->evicted,
            .lost = atomic_load_explicit(&journal->lost, memory_order_relaxed),
        };
        pthread_mutex_unlock(&journal->mutex);
    }
    *ret_statistics = statistics;
}
