/* What the files that dump a fixture share. */
#pragma once

#include "json/json_build.h"
#include "sandbox/fixture.h"
#include "store/provisioning.h"
#include "util/buffer.h"

struct dump {
    struct store *store;
    const struct cancellation *cancellation;
    struct buffer text;
    const char *separator; /* before the next entry of a list */
};

enum { MAX_LISTS = 5 };

/* The tree of one tenant, user or service account. Its lists are added with their first element. */
struct entry {
    struct dump *dump;
    struct arena arena;
    struct json_builder builder;
    cJSON *root; /* (owned) */
    cJSON *lists[MAX_LISTS];
};

void dump_init_entry(struct entry *entry, struct dump *dump);
void dump_cleanup_entry(struct entry *entry);

/* Returns the list, which gets the name if this is its first element. */
cJSON *dump_list_in(struct entry *entry, size_t list, const char *name);

int dump_append(struct dump *dump, const char *text);

/* Appends the entry on a line of its own. Returns 0 or <0. */
int dump_append_entry(struct dump *dump, const struct entry *entry);

/* Limits the instant to what a fixture can hold. Tokens and invitations that are made near the end
 * of time expire after it. */
void dump_add_instant(struct json_builder *builder, cJSON *parent, const char *name,
                      int64_t instant);

/* Adds what an identity provider has written. */
void dump_add_provisioned(struct json_builder *builder, cJSON *object,
                          const struct provisioned *provisioned);

/* A store_visit, whose cls is the dump, that dumps a tenant. */
int dump_show_tenant(void *cls, int64_t pk, const char *const *columns);
