/* The stream of events, and what else the console needs to know to begin. */
#include <errno.h>
#include <string.h>

#include "admin_input.h"
#include "api/answer.h"
#include "console/event_text.h"
#include "util/cleanup.h"
#include "util/fatal.h"

/* An id of an event is that of the entry, and how often entries had been removed until then. */
static void resume(struct journal *journal, const char *id, struct journal_mark *mark) {
    char entry[UUID_SIZE];
    size_t length = strcspn(id, "/");
    *mark = (struct journal_mark){0}; /* so that the reader is told to begin anew */
    if (length != UUID_SIZE - 1)
        return;
    memcpy(entry, id, length);
    entry[length] = '\0';
    if (journal_mark_after(journal, entry, mark) == 0 && id[length] == '/' &&
        strtoull(id + length + 1, NULL, 10) != mark->removals)
        *mark = (struct journal_mark){0};
}

/* Reads up to the newest entry, for a reader that polls. */
static int read_all(struct exchange *exchange, struct feed *feed, struct buffer *text) {
    int r = 0;
    do {
        if (exchange_need(exchange, MEMORY_TO_WORK, text->size) != 0)
            return EXCHANGE_ANSWERED;
        r = feed->read_on(feed, text);
    } while (r == 0 && feed->is_behind);
    return r;
}

int handle_get_events(struct exchange *exchange, const void *input) {
    const struct get_events_input *in = input;
    CLEANUP(buffer_deinit) struct buffer text = {0};
    struct feed *feed = arena_alloc(&exchange->request.arena, sizeof(*feed));
    const char *last_id = request_find_header(&exchange->request, "Last-Event-ID");
    if (!feed)
        return FATAL(ENOMEM);
    *feed = (struct feed){.journal = exchange->sandbox->journal, .read_on = event_text_read_on};
    if (last_id && *last_id)
        resume(feed->journal, last_id, &feed->mark);
    else
        journal_mark_last(feed->journal, (size_t)in->query.last, &feed->mark);
    feed->is_behind = feed->journal != NULL;
    int r = event_text_greet(feed, &text);
    if (r == 0 && in->query.poll.value)
        r = feed->journal ? read_all(exchange, feed, &text) : 0;
    if (r == 0)
        r = exchange_need(exchange, MEMORY_TO_KEEP, text.size);
    if (r != 0)
        return r < 0 ? r : 0;
    response_set_owned(&exchange->response, 200, "text/event-stream", text.bytes, text.size);
    response_add_header(&exchange->response, "Cache-Control", "no-store");
    if (!in->query.poll.value)
        exchange->response.feed = feed;
    text = (struct buffer){0};
    return 0;
}

static void render_console(struct json_builder *builder, struct json_parent root,
                           const void *value) {
    const struct exchange *exchange = value;
    json_add_text(builder, root, "key", exchange->config->console_key);
    json_add_text(builder, root, "version", KESTUB_VERSION);
    json_add_text(builder, root, "serverVersion", exchange_version(exchange)->name);
    json_add_text(builder, root, "sandbox", exchange->sandbox->name);
    json_add_bool(builder, root, "journal", exchange->sandbox->journal != NULL);
    json_add_integer(builder, root, "maxEntries", exchange->config->journal);
    struct json_parent profiles = json_add_array(builder, root, "profiles");
    for (enum profile profile = 0; profile < N_PROFILES; profile++) {
        struct json_parent object = json_add_object(builder, profiles, NULL);
        json_add_text(builder, object, "name", fault_set_name(profile));
        json_add_text(builder, object, "usage", fault_set_usage(profile));
        json_add_text(builder, object, "help", fault_set_help(profile));
    }
}

int handle_get_console_key(struct exchange *exchange, const void *input) {
    (void)input;
    return answer_object(exchange, 200, render_console, exchange);
}
