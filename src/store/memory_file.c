#include "store/memory_file.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "util/fatal.h"

/* Pages of other sizes lie in parts of a block, or in several. */
enum { BLOCK_SIZE = 4096, FEW_BLOCKS = 16, SMALL = 1 << 20 };

struct block {
    atomic_int references; /* of the images that have it, or 1 for the file that has it */
    unsigned char bytes[BLOCK_SIZE];
};

struct frozen_file {
    atomic_int references;
    sqlite3_int64 size;
    size_t count;
    struct block *blocks[]; /* (owned) one reference each */
};

/* What SQLite takes for a file. */
struct file {
    sqlite3_file base;
    sqlite3_int64 size;
    struct frozen_file *frozen; /* (owned) a reference to what the file was, or NULL */
    struct block **own;         /* (owned) what was written since; NULL: as it was */
    size_t capacity;
    size_t n_own;
};

static size_t blocks_for(sqlite3_int64 size) {
    return (size_t)((size + BLOCK_SIZE - 1) / BLOCK_SIZE);
}

static struct block *make_block(void) {
    struct block *block = malloc(sizeof(*block));
    if (block)
        atomic_init(&block->references, 1);
    return block;
}

static void block_release(struct block *block) {
    if (block && atomic_fetch_sub_explicit(&block->references, 1, memory_order_acq_rel) == 1)
        free(block);
}

struct frozen_file *memory_file_share(struct frozen_file *frozen) {
    atomic_fetch_add_explicit(&frozen->references, 1, memory_order_relaxed);
    return frozen;
}

void memory_file_release(struct frozen_file *frozen) {
    if (!frozen || atomic_fetch_sub_explicit(&frozen->references, 1, memory_order_acq_rel) > 1)
        return;
    for (size_t i = 0; i < frozen->count; i++)
        block_release(frozen->blocks[i]);
    free(frozen);
}

/* ---- The file */

/* Returns NULL when nothing was ever written there. */
static struct block *find_block(const struct file *file, size_t i) {
    if (i < file->capacity && file->own[i])
        return file->own[i];
    return file->frozen && i < file->frozen->count ? file->frozen->blocks[i] : NULL;
}

static bool make_room(struct file *file, size_t count) {
    size_t capacity = file->frozen && file->capacity == 0 ? file->frozen->count : file->capacity;
    if (count <= file->capacity)
        return true;
    while (capacity < count)
        capacity += capacity / 2 + FEW_BLOCKS;
    struct block **own = realloc(file->own, capacity * sizeof(struct block *));
    if (!own)
        return false;
    memset(own + file->capacity, 0, (capacity - file->capacity) * sizeof(struct block *));
    file->own = own;
    file->capacity = capacity;
    return true;
}

/* Returns a block that only this file has, or NULL when memory is out. A frozen block stays, as
 * SQLite may be reading it. */
static struct block *own_block(struct file *file, size_t i, bool is_overwritten) {
    if (!make_room(file, i + 1))
        return NULL;
    if (file->own[i])
        return file->own[i];
    struct block *block = make_block();
    const struct block *old = find_block(file, i);
    if (!block)
        return NULL;
    if (old && !is_overwritten)
        memcpy(block->bytes, old->bytes, BLOCK_SIZE);
    else if (!is_overwritten)
        memset(block->bytes, 0, BLOCK_SIZE);
    file->n_own++;
    return file->own[i] = block;
}

static void drop_own(struct file *file) {
    for (size_t i = 0; i < file->capacity; i++)
        block_release(file->own[i]);
    free(file->own);
    file->own = NULL;
    file->capacity = 0;
    file->n_own = 0;
}

/* The part of a range that lies in its first block. */
static size_t first_part(sqlite3_int64 offset, size_t size) {
    size_t room = BLOCK_SIZE - (size_t)(offset % BLOCK_SIZE);
    return size < room ? size : room;
}

static void empty(struct file *file) {
    drop_own(file);
    memory_file_release(file->frozen);
    file->frozen = NULL;
}

static int file_close(sqlite3_file *base) {
    empty((struct file *)base);
    return SQLITE_OK;
}

static int file_read(sqlite3_file *base, void *out, int amount, sqlite3_int64 offset) {
    const struct file *file = (struct file *)base;
    unsigned char *at = out;
    size_t wanted = (size_t)amount;
    size_t there = offset >= file->size                          ? 0
                   : (sqlite3_int64)wanted > file->size - offset ? (size_t)(file->size - offset)
                                                                 : wanted;
    memset(at + there, 0, wanted - there);
    for (size_t rest = there; rest > 0;) {
        size_t part = first_part(offset, rest);
        const struct block *block = find_block(file, (size_t)(offset / BLOCK_SIZE));
        if (block)
            memcpy(at, block->bytes + offset % BLOCK_SIZE, part);
        else
            memset(at, 0, part);
        at += part;
        offset += (sqlite3_int64)part;
        rest -= part;
    }
    return there == wanted ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static int file_write(sqlite3_file *base, const void *in, int amount, sqlite3_int64 offset) {
    struct file *file = (struct file *)base;
    const unsigned char *at = in;
    for (size_t rest = (size_t)amount; rest > 0;) {
        size_t part = first_part(offset, rest);
        struct block *block = own_block(file, (size_t)(offset / BLOCK_SIZE), part == BLOCK_SIZE);
        if (!block)
            return SQLITE_IOERR_NOMEM;
        memcpy(block->bytes + offset % BLOCK_SIZE, at, part);
        at += part;
        offset += (sqlite3_int64)part;
        rest -= part;
    }
    if (offset > file->size)
        file->size = offset;
    return SQLITE_OK;
}

/* The blocks stay, since SQLite may be reading them. */
static int file_truncate(sqlite3_file *base, sqlite3_int64 size) {
    ((struct file *)base)->size = size;
    return SQLITE_OK;
}

static int file_size(sqlite3_file *base, sqlite3_int64 *ret_size) {
    *ret_size = ((struct file *)base)->size;
    return SQLITE_OK;
}

static int file_sync(sqlite3_file *base, int flags) {
    (void)base;
    (void)flags;
    return SQLITE_OK;
}

/* No other connection ever opens the file. */
static int file_lock(sqlite3_file *base, int level) {
    (void)base;
    (void)level;
    return SQLITE_OK;
}

static int file_is_reserved(sqlite3_file *base, int *ret_is_reserved) {
    (void)base;
    *ret_is_reserved = 0;
    return SQLITE_OK;
}

static int file_control(sqlite3_file *base, int operation, void *argument) {
    (void)base;
    (void)operation;
    (void)argument;
    return SQLITE_NOTFOUND;
}

static int file_sector_size(sqlite3_file *base) {
    (void)base;
    return 512;
}

static int file_characteristics(sqlite3_file *base) {
    (void)base;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE | SQLITE_IOCAP_SAFE_APPEND | SQLITE_IOCAP_SEQUENTIAL;
}

/* Lets SQLite read a page where it is, once it has a `mmap_size`. That saves a small database the
 * copies; in a deep tree it takes longer, since SQLite looks at such a page anew each time. */
static int file_fetch(sqlite3_file *base, sqlite3_int64 offset, int amount, void **ret_bytes) {
    const struct file *file = (struct file *)base;
    bool is_there = file->size <= SMALL && offset + amount <= file->size;
    struct block *block = is_there && first_part(offset, (size_t)amount) == (size_t)amount
                              ? find_block(file, (size_t)(offset / BLOCK_SIZE))
                              : NULL;
    *ret_bytes = block ? block->bytes + offset % BLOCK_SIZE : NULL;
    return SQLITE_OK;
}

static int file_unfetch(sqlite3_file *base, sqlite3_int64 offset, void *bytes) {
    (void)base;
    (void)offset;
    (void)bytes;
    return SQLITE_OK;
}

static const sqlite3_io_methods methods = {
    .iVersion = 3,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_lock,
    .xCheckReservedLock = file_is_reserved,
    .xFileControl = file_control,
    .xSectorSize = file_sector_size,
    .xDeviceCharacteristics = file_characteristics,
    .xFetch = file_fetch,
    .xUnfetch = file_unfetch,
};

/* ---- The VFS */

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags,
                    int *ret_flags) {
    (void)vfs;
    (void)name;
    *(struct file *)base = (struct file){.base.pMethods = &methods};
    if (ret_flags)
        *ret_flags = flags;
    return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync) {
    (void)vfs;
    (void)name;
    (void)sync;
    return SQLITE_OK;
}

static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *ret_is_there) {
    (void)vfs;
    (void)name;
    (void)flags;
    *ret_is_there = 0;
    return SQLITE_OK;
}

static int vfs_full_name(sqlite3_vfs *vfs, const char *name, int size, char *out) {
    (void)vfs;
    sqlite3_snprintf(size, out, "%s", name);
    return SQLITE_OK;
}

int memory_file_register(void) {
    if (sqlite3_vfs_find(MEMORY_FILE_VFS))
        return 0;
    const sqlite3_vfs *common = sqlite3_vfs_find(NULL);
    sqlite3_vfs *vfs = common ? malloc(sizeof(*vfs)) : NULL;
    if (!vfs)
        return FATAL(ENOMEM);
    *vfs = *common; /* its clock and random numbers */
    vfs->szOsFile = sizeof(struct file);
    vfs->zName = MEMORY_FILE_VFS;
    vfs->xOpen = vfs_open;
    vfs->xDelete = vfs_delete;
    vfs->xAccess = vfs_access;
    vfs->xFullPathname = vfs_full_name;
    if (sqlite3_vfs_register(vfs, 0) == SQLITE_OK)
        return 0;
    free(vfs);
    return FATAL(ENOMEM);
}

static struct file *file_of(sqlite3 *db) {
    struct file *file = NULL;
    sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    return file;
}

static struct frozen_file *make_frozen(sqlite3_int64 size) {
    size_t count = blocks_for(size);
    struct frozen_file *frozen = calloc(1, sizeof(*frozen) + count * sizeof(struct block *));
    if (!frozen)
        return NULL;
    atomic_init(&frozen->references, 1);
    frozen->size = size;
    frozen->count = count;
    return frozen;
}

/* Leaves nothing of the file's own. */
static int freeze(struct file *file) {
    struct frozen_file *frozen = make_frozen(file->size);
    if (!frozen || !make_room(file, frozen->count)) {
        free(frozen);
        return FATAL(ENOMEM);
    }
    for (size_t i = 0; i < frozen->count; i++) {
        frozen->blocks[i] = find_block(file, i);
        if (!file->own[i] && frozen->blocks[i])
            atomic_fetch_add_explicit(&frozen->blocks[i]->references, 1, memory_order_relaxed);
        file->own[i] = NULL;
    }
    drop_own(file);
    memory_file_release(file->frozen);
    file->frozen = frozen;
    return 0;
}

int memory_file_freeze(sqlite3 *db, struct frozen_file **ret_frozen) {
    struct file *file = file_of(db);
    bool is_frozen = file->n_own == 0 && file->frozen && file->frozen->size == file->size;
    int r = is_frozen ? 0 : freeze(file);
    if (r == 0)
        *ret_frozen = memory_file_share(file->frozen);
    return r;
}

int memory_file_freeze_bytes(const unsigned char *bytes, size_t size,
                             struct frozen_file **ret_frozen) {
    struct frozen_file *frozen = make_frozen((sqlite3_int64)size);
    for (size_t i = 0; frozen && i < frozen->count; i++) {
        size_t part = size - i * BLOCK_SIZE;
        struct block *block = make_block();
        if (!block) {
            memory_file_release(frozen);
            return FATAL(ENOMEM);
        }
        memcpy(block->bytes, bytes + i * BLOCK_SIZE, part < BLOCK_SIZE ? part : BLOCK_SIZE);
        frozen->blocks[i] = block;
    }
    if (!frozen)
        return FATAL(ENOMEM);
    *ret_frozen = frozen;
    return 0;
}

enum { COOKIE = 40 /* its offset in the header of a database */ };

/* An empty file has none. */
static uint32_t read_cookie(struct file *file) {
    unsigned char bytes[4];
    file_read(&file->base, bytes, sizeof(bytes), COOKIE);
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static int put_cookie(struct file *file, uint32_t cookie) {
    unsigned char bytes[] = {(unsigned char)(cookie >> 24), (unsigned char)(cookie >> 16),
                             (unsigned char)(cookie >> 8), (unsigned char)cookie};
    if (read_cookie(file) == cookie)
        return 0;
    return file_write(&file->base, bytes, sizeof(bytes), COOKIE) == SQLITE_OK ? 0 : FATAL(ENOMEM);
}

uint32_t memory_file_cookie(sqlite3 *db) {
    return read_cookie(file_of(db));
}

void memory_file_clear(sqlite3 *db) {
    struct file *file = file_of(db);
    empty(file);
    file->size = 0;
}

int memory_file_thaw(sqlite3 *db, struct frozen_file *frozen, const uint32_t *cookie) {
    struct file *file = file_of(db);
    struct file thawed = {
        .base = file->base, .size = frozen->size, .frozen = memory_file_share(frozen)};
    int r = cookie ? put_cookie(&thawed, *cookie) : 0;
    struct file old = *file;
    if (r == 0)
        *file = thawed;
    empty(r == 0 ? &old : &thawed);
    return r;
}
