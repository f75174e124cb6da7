#include "store/lender.h"

#include <errno.h>
#include <stdlib.h>

#include <utlist.h>

#include "store/connection.h"
#include "util/fatal.h"

/* Stores borrow up to MOST connections, and more only while all of those are in use at once. */
enum { MOST = 32, SPARE = 4 };

struct lender {
    atomic_int references;
    pthread_mutex_t mutex;   /* guards the members below */
    struct store *borrowers; /* who borrowed first, or was spared last, is the first */
    int n_borrowers;
    struct connection *spare[SPARE]; /* (owned) */
    int n_spare;
};

int lender_new(struct lender **ret_lender) {
    struct lender *lender = calloc(1, sizeof(*lender));
    if (!lender)
        return FATAL(ENOMEM);
    atomic_init(&lender->references, 1);
    pthread_mutex_init(&lender->mutex, NULL);
    *ret_lender = lender;
    return 0;
}

struct lender *lender_share(struct lender *lender) {
    atomic_fetch_add_explicit(&lender->references, 1, memory_order_relaxed);
    return lender;
}

void lender_release(struct lender *lender) {
    if (!lender || atomic_fetch_sub_explicit(&lender->references, 1, memory_order_acq_rel) > 1)
        return;
    while (lender->n_spare > 0)
        connection_free(lender->spare[--lender->n_spare]);
    pthread_mutex_destroy(&lender->mutex);
    free(lender);
}

/* Called with the lock, as the next three. */
static void add(struct lender *lender, struct store *store) {
    DL_APPEND(lender->borrowers, store);
    lender->n_borrowers++;
}

static void drop(struct lender *lender, struct store *store) {
    DL_DELETE(lender->borrowers, store);
    lender->n_borrowers--;
}

/* Called with the lock of the store too. Returns its connection, or NULL when memory is out. */
static struct connection *send_to_rest(struct lender *lender, struct store *store) {
    struct frozen_file *content;
    if (memory_file_freeze(store->db, &content) < 0)
        return NULL;
    if (connection_let_go(store) < 0) {
        memory_file_release(content);
        return NULL;
    }
    store->resting = content;
    drop(lender, store);
    return connection_take(store);
}

/* Returns the connection of a store that was not used for long, or NULL. A store whose lock is
 * taken is in use; waiting for it could be for ever, since the caller has a lock too. */
static struct connection *take_over(struct lender *lender) {
    struct connection *connection = NULL;
    int n_tries = 2 * lender->n_borrowers; /* the first may only unset `was_used` */
    for (int i = 0; i < n_tries && !connection; i++) {
        struct store *store = lender->borrowers;
        DL_DELETE(lender->borrowers, store);
        DL_APPEND(lender->borrowers, store);
        if (pthread_mutex_trylock(&store->mutex) != 0)
            continue;
        if (!store->was_used)
            connection = send_to_rest(lender, store);
        store->was_used = false;
        pthread_mutex_unlock(&store->mutex);
    }
    return connection;
}

static struct connection *find(struct lender *lender) {
    if (lender->n_spare > 0)
        return lender->spare[--lender->n_spare];
    return lender->n_borrowers >= MOST ? take_over(lender) : NULL;
}

/* Such a file is small, and SQLite can read its pages where they are. */
static int open_new(struct store *store) {
    int r = connection_open(store, NULL);
    return r == 0 ? statement_execute(store, "PRAGMA locking_mode = EXCLUSIVE;"
                                             "PRAGMA mmap_size = 1048576")
                  : r;
}

int lender_borrow(struct store *store) {
    struct lender *lender = store->lender;
    pthread_mutex_lock(&lender->mutex);
    struct connection *connection = find(lender);
    add(lender, store);
    pthread_mutex_unlock(&lender->mutex);
    if (connection)
        connection_put(store, connection);
    int r = connection ? 0 : open_new(store);
    if (r == 0)
        r = connection_load(store, store->resting, store->layout);
    if (r == 0)
        r = statement_prepare_set(store, STATEMENTS_TRANSACTION);
    if (r < 0) {
        pthread_mutex_lock(&lender->mutex);
        drop(lender, store);
        pthread_mutex_unlock(&lender->mutex);
        connection_close(store);
        return r;
    }
    memory_file_release(store->resting);
    store->resting = NULL;
    return 0;
}

/* Until it has the lock of the store, another may take the connection over. */
void lender_take_back(struct store *store) {
    struct lender *lender = store->lender;
    pthread_mutex_lock(&store->mutex);
    if (store->connection) {
        bool is_clean = connection_let_go(store) == 0;
        pthread_mutex_lock(&lender->mutex);
        drop(lender, store);
        if (is_clean && lender->n_spare < SPARE)
            lender->spare[lender->n_spare++] = connection_take(store);
        pthread_mutex_unlock(&lender->mutex);
    }
    pthread_mutex_unlock(&store->mutex);
    connection_close(store);
}
