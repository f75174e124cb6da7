#include "http/streams.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "util/timestamp.h"

enum {
    MAX_STREAMS = 2000,
    TICK_US = 50000,       /* between looks at the journals, and more with many streams, so that */
    TICK_STREAM_US = 1000, /* there are at most 1,000 sends in a second */
    LOOK_US = 500000,      /* between looks at a connection, which nobody else watches */
    KEEP_ALIVE_US = 15000000,
    SHARED_BATCHES = 8,
    BLOCK = 4096, /* for HTTP/1.0; HTTP/1.1 uses the connection's own memory */
};

/* A text for all streams that have come equally far. */
struct batch {
    atomic_int references;
    const struct journal *journal; /* the next three say where it starts; NULL: not shared */
    uint64_t removals, number;
    struct feed after; /* where a feed is that has sent it */
    struct buffer text;
};

struct streams {
    pthread_t thread;
    bool stopped; /* whether the thread has ended */
    atomic_size_t count;
    pthread_mutex_t mutex;
    pthread_cond_t changed; /* the first stream was added, or stopping */
    struct stream *added;
    bool stopping;
};

static void release(struct batch *batch) {
    if (!batch || atomic_fetch_sub_explicit(&batch->references, 1, memory_order_acq_rel) > 1)
        return;
    buffer_deinit(&batch->text);
    free(batch);
}

static struct batch *share(struct batch *batch) {
    atomic_fetch_add_explicit(&batch->references, 1, memory_order_relaxed);
    return batch;
}

static struct batch *new_batch(void) {
    struct batch *batch = calloc(1, sizeof(*batch));
    if (batch)
        atomic_init(&batch->references, 1);
    return batch;
}

static struct batch *make_text(const char *text, size_t size) {
    struct batch *batch = new_batch();
    if (batch && buffer_append(&batch->text, text, size, SIZE_MAX) == 0)
        return batch;
    release(batch);
    return NULL;
}

/* ---- On the threads that send */

/* Leaves the connection to the thread of the streams. It must be suspended before that. */
static bool rest(struct stream *stream) {
    struct streams *streams = stream->streams;
    pthread_mutex_lock(&streams->mutex);
    bool rests = !streams->stopping;
    if (rests) {
        MHD_suspend_connection(stream->connection);
        stream->next = streams->added;
        if (!streams->added)
            pthread_cond_signal(&streams->changed);
        streams->added = stream;
    }
    pthread_mutex_unlock(&streams->mutex);
    return rests;
}

static ssize_t read_on(void *cls, uint64_t position, char *out, size_t size) {
    struct stream *stream = cls;
    struct batch *batch = stream->batch;
    (void)position;
    if (!batch)
        return stream->has_ended || !rest(stream) ? MHD_CONTENT_READER_END_OF_STREAM : 0;
    size_t left = batch->text.size - stream->sent;
    if (size > left)
        size = left;
    memcpy(out, batch->text.bytes + stream->sent, size);
    stream->sent += size;
    if (size == left) {
        stream->batch = NULL;
        release(batch);
    }
    return (ssize_t)size;
}

void streams_close(struct stream *stream) {
    if (!stream->streams)
        return;
    release(stream->batch);
    atomic_fetch_sub(&stream->streams->count, 1);
    *stream = (struct stream){0};
}

struct MHD_Response *streams_open(struct streams *streams, struct stream *stream,
                                  struct MHD_Connection *connection, struct feed *feed,
                                  const char *start, size_t size, bool *ret_is_full) {
    *ret_is_full = atomic_fetch_add(&streams->count, 1) >= MAX_STREAMS;
    *stream = (struct stream){.streams = streams,
                              .feed = feed,
                              .connection = connection,
                              .batch = *ret_is_full ? NULL : make_text(start, size)};
    struct MHD_Response *response = NULL;
    if (stream->batch)
        response =
            MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK, read_on, stream, NULL);
    if (!response)
        streams_close(stream);
    return response;
}

/* ---- On the thread of the streams */

/* The batches of one round. */
struct round {
    int64_t now_us;
    bool stopping;
    struct batch *shared[SHARED_BATCHES]; /* (owned) one reference each */
    size_t next;                          /* to be replaced */
};

static struct batch *find_shared(const struct round *round, const struct feed *feed) {
    for (size_t i = 0; feed->is_live && !feed->is_behind && i < SHARED_BATCHES; i++) {
        struct batch *batch = round->shared[i];
        if (batch && batch->journal == feed->journal && batch->number == feed->mark.number &&
            batch->removals == feed->mark.removals)
            return share(batch);
    }
    return NULL;
}

/* Returns NULL when memory is out. */
static struct batch *read_batch(struct round *round, struct feed *feed) {
    struct batch *batch = new_batch();
    if (!batch)
        return NULL;
    batch->journal = feed->is_live && !feed->is_behind ? feed->journal : NULL;
    batch->removals = feed->mark.removals;
    batch->number = feed->mark.number;
    if (feed->read_on(feed, &batch->text) < 0) {
        release(batch);
        return NULL;
    }
    batch->after = *feed;
    if (batch->journal) {
        release(round->shared[round->next]);
        round->shared[round->next] = share(batch);
        round->next = (round->next + 1) % SHARED_BATCHES;
    }
    return batch;
}

/* Gives the stream what it has to send. Without memory it ends, and the client comes again. */
static void feed(struct round *round, struct stream *stream) {
    struct batch *batch = find_shared(round, stream->feed);
    if (batch)
        *stream->feed = batch->after;
    else
        batch = read_batch(round, stream->feed);
    stream->has_ended |= !batch;
    if (batch && batch->text.size == 0) {
        release(batch);
        batch = NULL;
    }
    stream->batch = batch;
}

/* A client that has closed only its sending side looks like one that is gone. */
static bool is_in_vain(struct round *round, struct stream *stream) {
    struct pollfd polled = {
        .fd = MHD_get_connection_info(stream->connection, MHD_CONNECTION_INFO_CONNECTION_FD)
                  ->connect_fd,
        .events = POLLRDHUP,
    };
    if (round->now_us < stream->look_us)
        return false;
    stream->look_us = round->now_us + LOOK_US;
    return poll(&polled, 1, 0) > 0;
}

/* Returns whether the stream has to be woken. */
static bool look_at(struct round *round, struct stream *stream) {
    static const char keep_alive[] = ":\n\n";
    const struct feed *followed = stream->feed;
    bool is_closed = journal_is_closed(followed->journal);
    if (stream->sent_us == 0)
        stream->sent_us = round->now_us;
    stream->sent = 0;
    if (round->stopping || is_in_vain(round, stream)) {
        stream->has_ended = true;
    } else if (followed->is_behind || is_closed ||
               (followed->journal &&
                journal_changes(followed->journal) != followed->mark.changes)) {
        feed(round, stream);
        stream->has_ended |= is_closed && !followed->is_behind;
    } else if (round->now_us - stream->sent_us > KEEP_ALIVE_US) {
        stream->batch = make_text(keep_alive, sizeof(keep_alive) - 1);
    }
    if (stream->batch)
        stream->sent_us = round->now_us;
    return stream->batch || stream->has_ended;
}

/* Wakes the streams of a chain that have something to send. Returns the others. The stream may be
 * gone as soon as it is awake, and its sandbox with it. */
static struct stream *look_at_all(struct stream *chain, bool stopping) {
    struct round round = {.now_us = timestamp_monotonic_us(), .stopping = stopping};
    struct stream *others = NULL;
    while (chain) {
        struct stream *stream = chain;
        chain = stream->next;
        if (look_at(&round, stream)) {
            MHD_resume_connection(stream->connection);
        } else {
            stream->next = others;
            others = stream;
        }
    }
    for (size_t i = 0; i < SHARED_BATCHES; i++)
        release(round.shared[i]);
    return others;
}

/* Waits for the time, or for nothing while no stream rests. Returns those that were added. */
static struct stream *wait_for(struct streams *streams, bool has_others, bool *ret_stopping) {
    int64_t tick_us = TICK_US + TICK_STREAM_US * (int64_t)atomic_load(&streams->count);
    int64_t due_us = timestamp_monotonic_us() + tick_us;
    struct timespec until = {.tv_sec = (time_t)(due_us / 1000000),
                             .tv_nsec = (long)(due_us % 1000000) * 1000};
    pthread_mutex_lock(&streams->mutex);
    while (!streams->stopping && !has_others && !streams->added)
        pthread_cond_wait(&streams->changed, &streams->mutex);
    while (!streams->stopping && timestamp_monotonic_us() < due_us)
        pthread_cond_timedwait(&streams->changed, &streams->mutex, &until);
    struct stream *added = streams->added;
    streams->added = NULL;
    *ret_stopping = streams->stopping;
    pthread_mutex_unlock(&streams->mutex);
    return added;
}

static void *run(void *cls) {
    struct streams *streams = cls;
    struct stream *resting = NULL;
    bool stopping = false;
    while (!stopping) {
        struct stream *added = wait_for(streams, resting, &stopping);
        while (added) {
            struct stream *stream = added;
            added = stream->next;
            stream->next = resting;
            resting = stream;
        }
        resting = look_at_all(resting, stopping);
    }
    return NULL;
}

struct streams *streams_new(void) {
    struct streams *streams = calloc(1, sizeof(*streams));
    if (!streams)
        return NULL;
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&streams->mutex, NULL);
    pthread_cond_init(&streams->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    if (pthread_create(&streams->thread, NULL, run, streams) != 0) {
        streams->stopped = true;
        streams_free(streams);
        return NULL;
    }
    return streams;
}

void streams_stop(struct streams *streams) {
    if (streams->stopped)
        return;
    pthread_mutex_lock(&streams->mutex);
    streams->stopping = true;
    pthread_cond_signal(&streams->changed);
    pthread_mutex_unlock(&streams->mutex);
    pthread_join(streams->thread, NULL);
    streams->stopped = true;
}

void streams_free(struct streams *streams) {
    if (!streams)
        return;
    streams_stop(streams);
    pthread_cond_destroy(&streams->changed);
    pthread_mutex_destroy(&streams->mutex);
    free(streams);
}
