#include "stubs/stub_index.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/fatal.h"
#include "util/hash.h"

/* Two paths may have the same hash. Then a stub is a candidate that does not match. */
static struct stub **chain_of(const struct stub_index *index, unsigned key) {
    return &index->chains[key & (index->n_chains - 1)];
}

/* Returns the next end of a segment within the text, or NULL. */
static const char *find_end(const char *text, size_t length, const char *after) {
    const char *start = after ? after + 1 : text + (length > 0);
    return memchr(start, '/', (size_t)(text + length - start));
}

/* Finds the segments with which each path of the stub begins, as far as they are known. */
static size_t count_segments(const struct pattern_path *path, size_t *ret_length) {
    size_t depth = 0;
    const char *end = NULL;
    *ret_length = 0;
    while (depth < STUB_INDEX_DEPTH && (end = find_end(path->text, path->length, end))) {
        *ret_length = (size_t)(end - path->text);
        depth++;
    }
    return depth;
}

static void add(struct stub_index *index, struct stub *stub) {
    struct pattern_path path = {.text = ""};
    size_t length;
    if (stub->pattern)
        path = pattern_path(stub->pattern);
    size_t depth = count_segments(&path, &length);
    struct stub **chain = &index->others;
    if (path.is_whole || depth > 0) {
        stub->place.key = hash_of(path.text, path.is_whole ? path.length : length);
        chain = chain_of(index, stub->place.key);
    }
    if (!path.is_whole)
        index->depths |= 1U << depth;
    stub->place.next = *chain;
    *chain = stub;
}

int stub_index_init(struct stub_index *index, const struct stub_list *list) {
    struct stub_index built = {.n_chains = 1};
    while (built.n_chains < list->count)
        built.n_chains *= 2;
    built.chains = calloc(built.n_chains, sizeof(struct stub *));
    if (!built.chains)
        return FATAL(ENOMEM);
    for (size_t i = list->count; i-- > 0;) { /* since a stub is added to the front of its chain */
        list->stubs[i]->place.number = i;
        add(&built, list->stubs[i]);
    }
    *index = built;
    return 0;
}

void stub_index_deinit(struct stub_index *index) {
    free((void *)index->chains);
    *index = (struct stub_index){0};
}

static struct stub *skip_others(struct stub *stub, unsigned key) {
    while (stub && stub->place.key != key)
        stub = stub->place.next;
    return stub;
}

/* A chain that two keys share must not be walked twice if they are equal. */
static void add_step(struct stub_walk *walk, const struct stub_index *index, const char *text,
                     size_t length) {
    unsigned key = hash_of(text, length);
    for (size_t i = 1; i < walk->n_steps; i++)
        if (walk->steps[i].key == key)
            return;
    struct stub *first = skip_others(*chain_of(index, key), key);
    walk->steps[walk->n_steps++] = (struct stub_step){first, key};
}

void stub_walk_init(struct stub_walk *walk, const struct stub_index *index, const char *target) {
    size_t length = strcspn(target, "?#");
    const char *end = NULL;
    walk->steps[0] = (struct stub_step){.next = index->others};
    walk->n_steps = 1;
    if (index->n_chains == 0)
        return;
    add_step(walk, index, target, length);
    for (unsigned rest = index->depths >> 1; rest; rest >>= 1) {
        end = find_end(target, length, end);
        if (!end)
            break;
        if (rest & 1)
            add_step(walk, index, target, (size_t)(end - target));
    }
}

struct stub *stub_walk_next(struct stub_walk *walk) {
    struct stub_step *least = NULL;
    for (size_t i = 0; i < walk->n_steps; i++) {
        struct stub_step *step = &walk->steps[i];
        if (step->next && (!least || step->next->place.number < least->next->place.number))
            least = step;
    }
    if (!least)
        return NULL;
    struct stub *stub = least->next;
    bool is_others = least == walk->steps;
    least->next = is_others ? stub->place.next : skip_others(stub->place.next, least->key);
    return stub;
}
