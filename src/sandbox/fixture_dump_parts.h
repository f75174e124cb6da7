/* What the files that dump a fixture share. */
#pragma once

#include "json/json_build.h"
#include "sandbox/fixture.h"
#include "store/provisioning.h"

struct dump {
    struct store *store;
    const struct cancellation *cancellation;
    struct json_builder builder;
    const char *separator; /* before the next entry of a list */
};

enum { MAX_LISTS = 5 };

/* One tenant, user or service account. Its lists are added with their first element, one after the
 * other. */
struct entry {
    struct dump *dump;
    struct arena arena;
    struct json_builder *builder; /* that of the dump */
    struct json_parent root;
    struct json_parent lists[MAX_LISTS];
};

/* Begins the entry on a line of its own. Needs dump_cleanup_entry in each case. */
int dump_begin_entry(struct entry *entry, struct dump *dump);
void dump_cleanup_entry(struct entry *entry);

/* Returns the list, which gets the name if this is its first element. */
struct json_parent dump_list_in(struct entry *entry, size_t list, const char *name);

int dump_append(struct dump *dump, const char *text);

/* Returns 0, or <0 when the entry is not complete. */
int dump_end_entry(struct entry *entry);

/* Limits the instant to what a fixture can hold. Tokens and invitations that are made near the end
 * of time expire after it. */
void dump_add_instant(struct json_builder *builder, struct json_parent parent, const char *name,
                      int64_t instant);

/* Adds what an identity provider has written. */
void dump_add_provisioned(struct json_builder *builder, struct json_parent object,
                          const struct provisioned *provisioned);

/* A store_visit, whose cls is the dump, that dumps a tenant. */
int dump_show_tenant(void *cls, int64_t pk, const char *const *columns);
