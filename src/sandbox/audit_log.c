#include "sandbox/audit_log.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "util/fatal.h"
#include "util/uuid.h"

struct audit_log {
    pthread_mutex_t mutex;
    unsigned char seed[16]; /* of the ids */
    uint64_t next;          /* the number of the next entry */
    size_t count;
    size_t n_places;
    struct audit_entry **entries; /* (owned) by number; NULL before the first */
};

struct audit_log *audit_log_new(void) {
    struct audit_log *log = calloc(1, sizeof(*log));
    if (!log)
        return NULL;
    pthread_mutex_init(&log->mutex, NULL);
    uuid_make_bytes(log->seed);
    return log;
}

static struct audit_entry **place_of(struct audit_log *log, uint64_t number) {
    return &log->entries[number % log->n_places];
}

static void drop_all(struct audit_log *log) {
    for (size_t i = 0; i < log->n_places; i++)
        free(log->entries[i]);
    free(log->entries);
    log->entries = NULL;
    log->n_places = 0;
    log->count = 0;
}

void audit_log_free(struct audit_log *log) {
    if (!log)
        return;
    drop_all(log);
    pthread_mutex_destroy(&log->mutex);
    free(log);
}

void audit_log_clear(struct audit_log *log) {
    pthread_mutex_lock(&log->mutex);
    drop_all(log);
    pthread_mutex_unlock(&log->mutex);
}

/* Appends the text to the block at *end, and returns where it is. */
static const char *put(char **end, const char *text) {
    if (!text)
        return NULL;
    const char *start = *end;
    *end = stpcpy(*end, text) + 1;
    return start;
}

static size_t size_of(const char *text) {
    return text ? strlen(text) + 1 : 0;
}

/* Copies an entry and its texts into one block from `allocate`. */
static struct audit_entry *copy_entry(const struct audit_entry *entry,
                                      void *(*allocate)(void *cls, size_t size), void *cls) {
    size_t size = sizeof(*entry) + size_of(entry->username) + size_of(entry->tenant) +
                  size_of(entry->subject) + size_of(entry->client_ip);
    struct audit_entry *copy = allocate(cls, size);
    if (!copy)
        return NULL;
    char *end = (char *)(copy + 1);
    *copy = *entry;
    copy->username = put(&end, entry->username);
    copy->tenant = put(&end, entry->tenant);
    copy->subject = put(&end, entry->subject);
    copy->client_ip = put(&end, entry->client_ip);
    return copy;
}

static void *from_heap(void *cls, size_t size) {
    (void)cls;
    return malloc(size);
}

static void *from_arena(void *cls, size_t size) {
    return arena_alloc(cls, size);
}

/* Called with the lock. Makes a place for one more entry, or lets it have that of the oldest.
 * Returns false when memory is out. */
static bool make_place(struct audit_log *log) {
    enum { FEW = 16 };
    if (log->count < log->n_places || log->n_places == AUDIT_LOG_MAX)
        return true;
    size_t n_places = log->n_places > 0 ? 2 * log->n_places : FEW;
    if (n_places > AUDIT_LOG_MAX)
        n_places = AUDIT_LOG_MAX;
    struct audit_entry **entries = calloc(n_places, sizeof(struct audit_entry *));
    if (!entries)
        return false;
    for (uint64_t number = log->next - log->n_places; number < log->next; number++) /* all taken */
        entries[number % n_places] = *place_of(log, number);
    free(log->entries);
    log->entries = entries;
    log->n_places = n_places;
    return true;
}

void audit_log_add(struct audit_log *log, const struct audit_entry *entry) {
    struct audit_entry *copy = copy_entry(entry, from_heap, NULL);
    pthread_mutex_lock(&log->mutex);
    struct audit_entry *old = copy;
    if (copy && make_place(log)) {
        copy->number = log->next++;
        old = log->count == AUDIT_LOG_MAX ? *place_of(log, copy->number) : NULL;
        *place_of(log, copy->number) = copy;
        log->count += log->count < AUDIT_LOG_MAX;
    }
    pthread_mutex_unlock(&log->mutex);
    free(old);
}

int audit_log_list(struct audit_log *log, const char *tenant, struct arena *arena,
                   struct audit_entry **ret_entries, size_t *ret_count) {
    size_t count = 0;
    bool failed = false;
    pthread_mutex_lock(&log->mutex);
    struct audit_entry *entries = arena_alloc(arena, log->count * sizeof(*entries));
    for (size_t i = 1; entries && !failed && i <= log->count; i++) {
        const struct audit_entry *entry = *place_of(log, log->next - i);
        if (tenant && (!entry->tenant || strcmp(entry->tenant, tenant) != 0))
            continue;
        const struct audit_entry *copy = copy_entry(entry, from_arena, arena);
        failed = !copy;
        if (copy)
            entries[count++] = *copy;
    }
    pthread_mutex_unlock(&log->mutex);
    if (!entries || failed)
        return FATAL(ENOMEM);
    *ret_entries = entries;
    *ret_count = count;
    return 0;
}

void audit_log_format_id(const struct audit_log *log, const struct audit_entry *entry,
                         char out[FRIENDLY_ID_SIZE]) {
    unsigned char uuid[16];
    uint64_t number = entry->number;
    memcpy(uuid, log->seed, sizeof(uuid));
    for (size_t i = 0; i < 8; i++, number >>= 8)
        uuid[15 - i] = (unsigned char)(uuid[15 - i] ^ number);
    friendly_id_format(uuid, out);
}
