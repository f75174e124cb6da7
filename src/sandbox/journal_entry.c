#include "sandbox/journal_entry.h"

#include <stdlib.h>
#include <string.h>

#include "sandbox/secrets.h"
#include "util/cleanup.h"
#include "util/text.h"

/* Packs texts one after another into a block. While there is no block, it only counts their
 * size. */
struct packer {
    char *block;
    size_t size;
    bool keeps_secrets;
};

static const char *pack(struct packer *packer, const char *bytes, size_t length) {
    if (!bytes)
        return NULL;
    char *at = packer->block ? packer->block + packer->size : NULL;
    packer->size += length + 1;
    if (!at)
        return NULL;
    memcpy(at, bytes, length);
    at[length] = '\0';
    return at;
}

static const char *pack_text(struct packer *packer, const char *text) {
    return pack(packer, text, text ? strlen(text) : 0);
}

/* Mostly the URL is the end of the target. `target` is the packed one. */
static const char *pack_url(struct packer *packer, const struct journal_record *record,
                            const char *target) {
    size_t start = (size_t)((uintptr_t)record->url - (uintptr_t)record->target);
    if (!record->target || start > strlen(record->target))
        return pack_text(packer, record->url);
    return target ? target + start : NULL;
}

static const char *pack_value(struct packer *packer, const struct name_value *header) {
    size_t seen;
    if (packer->keeps_secrets || !secrets_hide_header(header->name, header->value, &seen))
        return pack_text(packer, header->value);
    const char *value = pack(packer, header->value, seen);
    if (value)
        packer->size--; /* the mask overwrites the terminating zero */
    const char *masked = pack_text(packer, SECRETS_MASK);
    return value ? value : masked;
}

static void pack_message(struct packer *packer, struct name_value *fields,
                         const struct journal_message *message, struct journal_message *out) {
    for (size_t i = 0; i < message->headers.count; i++) {
        const struct name_value *header = &message->headers.items[i];
        const char *name = pack_text(packer, header->name);
        const char *value = pack_value(packer, header);
        if (fields)
            fields[i] = (struct name_value){.name = name, .value = value};
    }
    out->headers.items = fields;
    out->body = pack(packer, message->body, message->body_size);
}

/* Packs all texts of the record. `fields` has room for the headers of both messages, and is NULL
 * while the packer only counts. */
static void pack_record(struct packer *packer, struct name_value *fields,
                        const struct journal_record *record, struct journal_record *out) {
    *out = *record;
    out->method = pack_text(packer, record->method);
    out->target = pack_text(packer, record->target);
    out->url = pack_url(packer, record, out->target);
    out->client_ip = pack_text(packer, record->client_ip);
    out->protocol = pack_text(packer, record->protocol);
    out->principal = pack_text(packer, record->principal);
    out->changes = pack_text(packer, record->changes);
    out->stub_id = pack_text(packer, record->stub_id);
    bool is_small = record->stub_json && strlen(record->stub_json) <= JOURNAL_MAX_STUB;
    out->stub_json = pack_text(packer, is_small ? record->stub_json : NULL);
    pack_message(packer, fields, &record->request, &out->request);
    pack_message(packer, fields ? fields + record->request.headers.count : NULL, &record->response,
                 &out->response);
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
    for (size_t i = 0; i < message->headers.count; i++)
        if (text_is_same_name(message->headers.items[i].name, "Content-Type"))
            content_type = message->headers.items[i].value;
    if (*r == 0 && message->body)
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

struct journal_entry *journal_entry_new(const struct journal_record *record, bool keeps_secrets) {
    CLEANUP(cleanup_masked) struct masked masked = {0};
    struct journal_record kept = *record;
    struct journal_record counted;
    struct packer packer = {.keeps_secrets = keeps_secrets};
    size_t n_fields = record->request.headers.count + record->response.headers.count;
    size_t head = sizeof(struct journal_entry) + n_fields * sizeof(struct name_value);
    cut_body(&kept.request);
    cut_body(&kept.response);
    if (!keeps_secrets && mask_record(&kept, &masked) < 0)
        return NULL;
    pack_record(&packer, NULL, &kept, &counted);
    struct journal_entry *entry = malloc(head + packer.size);
    if (!entry)
        return NULL;
    entry->size = head + packer.size;
    packer.block = (char *)entry + head;
    packer.size = 0;
    pack_record(&packer, (struct name_value *)(entry + 1), &kept, &entry->record);
    atomic_init(&entry->references, 1);
    entry->next_gone = NULL;
    return entry;
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
