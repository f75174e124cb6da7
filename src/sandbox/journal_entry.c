#include "sandbox/journal_entry.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/secrets.h"
#include "util/cleanup.h"
#include "util/text.h"

enum {
    RECORD_TEXTS = 11, /* of a record, besides those of its headers */
    FEW_PIECES = 48,
};

/* Where in an entry a member of its record is. */
#define RECORD(member)                                                                             \
    (offsetof(struct journal_entry, record) + offsetof(struct journal_record, member))

/* A text that goes into the block of an entry. */
struct piece {
    const char *bytes;
    size_t size;
    size_t place;   /* where in the block the pointer to the text is */
    bool is_masked; /* the mask follows */
};

/* The layout of an entry: what its block has behind the entry and the fields of both messages. */
struct layout {
    struct piece *pieces; /* with room for all */
    size_t count;
    size_t size;
    size_t url; /* where the URL starts in the target; SIZE_MAX: it is a piece of its own */
};

static void add_bytes(struct layout *layout, size_t place, const char *bytes, size_t size,
                      bool is_masked) {
    if (!bytes)
        return;
    layout->pieces[layout->count++] = (struct piece){bytes, size, place, is_masked};
    layout->size += size + (is_masked ? sizeof(SECRETS_MASK) : 1);
}

static void add_text(struct layout *layout, size_t place, const char *text) {
    add_bytes(layout, place, text, text ? strlen(text) : 0, false);
}

static void add_fields(struct layout *layout, size_t first, const struct name_value_list *headers,
                       bool keeps_secrets) {
    for (size_t i = 0; i < headers->count; i++) {
        const struct name_value *header = &headers->items[i];
        size_t place = first + i * sizeof(*header);
        size_t seen;
        add_text(layout, place + offsetof(struct name_value, name), header->name);
        bool is_masked = !keeps_secrets && secrets_hide_header(header->name, header->value, &seen);
        add_bytes(layout, place + offsetof(struct name_value, value), header->value,
                  is_masked ? seen : strlen(header->value), is_masked);
    }
}

/* Mostly the URL is the end of the target. */
static void add_target(struct layout *layout, const struct journal_record *record) {
    size_t length = record->target ? strlen(record->target) : 0;
    size_t start = (size_t)((uintptr_t)record->url - (uintptr_t)record->target);
    bool is_end = record->target && start <= length;
    add_bytes(layout, RECORD(target), record->target, length, false);
    layout->url = is_end ? start : SIZE_MAX;
    if (!is_end)
        add_text(layout, RECORD(url), record->url);
}

static void lay_out(struct layout *layout, const struct journal_record *record,
                    bool keeps_secrets) {
    const struct name_value_list *headers = &record->request.headers;
    bool is_small = record->stub_json && strlen(record->stub_json) <= JOURNAL_MAX_STUB;
    add_text(layout, RECORD(method), record->method);
    add_target(layout, record);
    add_text(layout, RECORD(client_ip), record->client_ip);
    add_text(layout, RECORD(protocol), record->protocol);
    add_text(layout, RECORD(principal), record->principal);
    add_text(layout, RECORD(changes), record->changes);
    add_text(layout, RECORD(stub_id), record->stub_id);
    add_text(layout, RECORD(stub_json), is_small ? record->stub_json : NULL);
    add_fields(layout, sizeof(struct journal_entry), headers, keeps_secrets);
    add_fields(layout, sizeof(struct journal_entry) + headers->count * sizeof(*headers->items),
               &record->response.headers, keeps_secrets);
    add_bytes(layout, RECORD(request.body), record->request.body, record->request.body_size, false);
    add_bytes(layout, RECORD(response.body), record->response.body, record->response.body_size,
              false);
}

/* Copies the texts to `end`, and sets the pointers to them. */
static void fill(struct journal_entry *entry, const struct layout *layout, char *end) {
    struct journal_record *record = &entry->record;
    for (size_t i = 0; i < layout->count; i++) {
        const struct piece *piece = &layout->pieces[i];
        *(const char **)((char *)entry + piece->place) = end;
        end = mempcpy(end, piece->bytes, piece->size);
        if (piece->is_masked)
            end = mempcpy(end, SECRETS_MASK, strlen(SECRETS_MASK));
        *end++ = '\0';
    }
    if (layout->url < SIZE_MAX)
        record->url = record->target + layout->url;
}

static void cut_body(struct journal_message *message) {
    if (message->body_size > JOURNAL_MAX_BODY)
        message->body_size = JOURNAL_MAX_BODY;
    message->body_is_cut = message->body_size < message->body_received;
}

static void mask_url(const char **url, struct buffer *masked, int *r) {
    if (*r == 0)
        *r = secrets_mask_url(*url, masked);
    if (masked->bytes)
        *url = masked->bytes;
}

static void mask_body(struct journal_message *message, struct buffer *masked, int *r) {
    const char *content_type = NULL;
    if (*r != 0 || !message->body)
        return;
    for (size_t i = 0; i < message->headers.count; i++)
        if (text_is_same_name(message->headers.items[i].name, "Content-Type"))
            content_type = message->headers.items[i].value;
    *r = secrets_mask_body(message->body, message->body_size, content_type, masked);
    if (!masked->bytes)
        return;
    message->body = masked->bytes;
    message->body_size = masked->size;
}

/* Texts with masks in the place of those that hold secrets. */
struct masked {
    struct buffer target;
    struct buffer url;
    struct buffer request;
    struct buffer response;
};

static void cleanup_masked(struct masked *masked) {
    buffer_deinit(&masked->target);
    buffer_deinit(&masked->url);
    buffer_deinit(&masked->request);
    buffer_deinit(&masked->response);
}

/* Returns 0 or -ENOMEM. */
static int mask_record(struct journal_record *record, struct masked *masked) {
    int r = 0;
    mask_url(&record->target, &masked->target, &r);
    mask_url(&record->url, &masked->url, &r);
    mask_body(&record->request, &masked->request, &r);
    mask_body(&record->response, &masked->response, &r);
    return r;
}

/* Makes the entry of a record whose texts are those to keep. */
static struct journal_entry *make_entry(const struct journal_record *record, bool keeps_secrets) {
    struct piece few[FEW_PIECES];
    size_t n_fields = record->request.headers.count + record->response.headers.count;
    size_t n_pieces = RECORD_TEXTS + 2 * n_fields;
    bool are_many = n_pieces > FEW_PIECES;
    CLEANUP(cleanup_free)
    struct piece *many = are_many ? malloc(n_pieces * sizeof(*many)) : NULL;
    if (are_many && !many)
        return NULL;
    struct layout layout = {.pieces = many ? many : few};
    lay_out(&layout, record, keeps_secrets);
    size_t head = sizeof(struct journal_entry) + n_fields * sizeof(struct name_value);
    struct journal_entry *entry = malloc(head + layout.size);
    if (!entry)
        return NULL;
    entry->size = head + layout.size;
    entry->record = *record;
    entry->record.request.headers.items = (struct name_value *)(entry + 1);
    entry->record.response.headers.items =
        entry->record.request.headers.items + record->request.headers.count;
    entry->record.stub_json = NULL; /* unless it is small enough */
    fill(entry, &layout, (char *)entry + head);
    atomic_init(&entry->references, 1);
    entry->next_gone = NULL;
    return entry;
}

struct journal_entry *journal_entry_new(const struct journal_record *record, bool keeps_secrets) {
    CLEANUP(cleanup_masked) struct masked masked = {0};
    struct journal_record kept = *record;
    cut_body(&kept.request);
    cut_body(&kept.response);
    if (!keeps_secrets && mask_record(&kept, &masked) < 0)
        return NULL;
    return make_entry(&kept, keeps_secrets);
}

void journal_entry_release(struct journal_entry *entry) {
    if (atomic_fetch_sub_explicit(&entry->references, 1, memory_order_acq_rel) == 1)
        free(entry);
}

void journal_entry_release_gone(struct journal_entry *gone) {
    while (gone) {
        struct journal_entry *next = gone->next_gone;
        journal_entry_release(gone);
        gone = next;
    }
}
