#include "console/event_text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "faults/fault_set.h"
#include "json/json_print.h"
#include "store/changes.h"
#include "stubs/breakage.h"
#include "util/cleanup.h"
#include "util/text.h"

enum {
    MAX_EVENTS = 100, /* in one text */
    FEW_EVENTS = 20,  /* that are shown of more than that, if they have come at once */
    MAX_URL = 1024,
    MAX_CHANGES = 2048, /* bytes; the entry of the journal has all of them */
};

/* Writes until memory is out. */
struct writer {
    struct buffer *out;
    int r;
};

static void put(struct writer *writer, const char *text) {
    if (writer->r == 0)
        writer->r = buffer_append(writer->out, text, strlen(text), SIZE_MAX);
}

__attribute__((format(printf, 2, 3))) static void print(struct writer *writer, const char *format,
                                                        ...) {
    char text[128];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    put(writer, text);
}

/* Puts a member, unless the text is NULL. Bytes that are not UTF-8 are replaced. */
static void put_text(struct writer *writer, const char *start, const char *text) {
    char repaired[MAX_URL * 3 + 1];
    if (!text || writer->r != 0)
        return;
    size_t length = strlen(text);
    if (length > MAX_URL || !text_is_utf8(text, length)) {
        text_repair(text, length > MAX_URL ? text_cut(text, MAX_URL) : length, repaired);
        text = repaired;
    }
    put(writer, start);
    if (writer->r == 0)
        writer->r = json_print_text(text, SIZE_MAX, writer->out);
}

static void put_changes(struct writer *writer, const struct journal_record *record) {
    if (record->n_changes == 0)
        return;
    print(writer, ",\"changeCount\":%zu", record->n_changes);
    if (!record->changes || writer->r != 0)
        return;
    size_t size = writer->out->size;
    put(writer, ",\"changes\":[");
    if (writer->r == 0)
        writer->r = changes_print(record->changes, writer->out->size + MAX_CHANGES, writer->out);
    if (writer->r > 0) {
        buffer_cut(writer->out, size);
        writer->r = 0;
        return;
    }
    put(writer, "]");
}

static void put_faults(struct writer *writer, unsigned faults) {
    const char *start = ",\"faults\":[";
    for (enum profile profile = 0; profile < N_PROFILES; profile++) {
        if ((faults >> profile & 1) == 0)
            continue;
        put_text(writer, start, fault_set_name(profile));
        start = ",";
    }
    put(writer, faults > 0 ? "]" : "");
}

static void put_entry(struct writer *writer, const struct journal_entry *entry, uint64_t removals) {
    const struct journal_record *record = &entry->record;
    print(writer, "id: %s/%" PRIu64 "\nevent: request\n", entry->id, removals);
    print(writer, "data: {\"id\":\"%s\",\"time\":%" PRId64 ",\"status\":%d", entry->id,
          record->time, record->status);
    print(writer, ",\"microseconds\":%" PRId64 ",\"delay\":%" PRId64, record->process_us,
          record->added_delay_ms);
    put_text(writer, ",\"method\":", record->method);
    put_text(writer, ",\"url\":", record->url);
    put_text(writer, ",\"operation\":", record->operation ? record->operation->id : NULL);
    put_text(writer, ",\"principal\":", record->principal);
    put_text(writer, ",\"stub\":", record->stub_id);
    put_text(writer, ",\"breakage\":", record->breakage);
    put(writer, record->stub_answered ? ",\"stubAnswered\":true" : "");
    put(writer, record->by_console ? ",\"console\":true" : "");
    put_faults(writer, record->faults);
    put_changes(writer, record);
    put(writer, "}\n\n");
}

int event_text_greet(const struct feed *feed, struct buffer *out) {
    struct writer writer = {.out = out};
    struct journal_statistics statistics;
    journal_measure(feed->journal, &statistics);
    put(&writer, "retry: 1000\nevent: hello\n");
    print(&writer, "data: {\"journal\":%s,\"entries\":%zu,\"maxEntries\":%zu}\n\n",
          feed->journal ? "true" : "false", statistics.count, statistics.capacity);
    return writer.r;
}

int event_text_read_on(struct feed *feed, struct buffer *out) {
    struct writer writer = {.out = out};
    struct journal_reading reading = {0};
    bool passes_over = feed->is_live && !feed->is_behind;
    int r = journal_read_on(feed->journal, &feed->mark, passes_over ? FEW_EVENTS : MAX_EVENTS,
                            passes_over ? MAX_EVENTS : SIZE_MAX, &reading);
    if (r < 0)
        return r;
    if (reading.is_anew)
        put(&writer, "event: reset\ndata: {}\n\n");
    if (reading.missed > 0)
        print(&writer, "event: missed\ndata: {\"count\":%" PRIu64 "}\n\n", reading.missed);
    for (size_t i = reading.list.count; i-- > 0;)
        put_entry(&writer, reading.list.entries[i], feed->mark.removals);
    feed->is_behind = reading.has_more;
    feed->is_live |= !reading.has_more;
    if (!reading.has_more && journal_is_closed(feed->journal))
        put(&writer, "event: end\ndata: {}\n\n");
    journal_list_deinit(&reading.list);
    return writer.r;
}
