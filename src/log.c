#include "log.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "util/timestamp.h"

enum {
    LINE_SIZE = 2048,
    PATH_SIZE = 1024,
    NAME_SIZE = 336,
    PART_SIZE = 128,
    CLOSEST_SIZE = PART_SIZE + 128,
    PATIENCE_MS = 10,
};

/* Copies printable ASCII, and escapes everything else, blanks, quotes and backslashes as \xNN, or
 * as \u00NN in JSON, so that no text can forge a line. Cuts off what does not fit. */
static void escape(enum log_format format, const char *text, size_t length, char *out,
                   size_t size) {
    size_t used = 0;
    for (size_t i = 0; i < length && used + 7 < size; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c > ' ' && c < 0x7f && c != '"' && c != '\\')
            out[used++] = (char)c;
        else
            used += (size_t)snprintf(out + used, size - used,
                                     format == LOG_JSON ? "\\u%04x" : "\\x%02x", c);
    }
    out[used] = '\0';
}

static void write_line(char line[LINE_SIZE], int length) {
    size_t size = (size_t)length < LINE_SIZE ? (size_t)length : LINE_SIZE - 1;
    line[size - 1] = '\n';
    /* The line is dropped when nobody reads the log: a full pipe must not stop the server. */
    struct pollfd log = {.fd = STDERR_FILENO, .events = POLLOUT};
    if (poll(&log, 1, PATIENCE_MS) > 0) {
        ssize_t written = write(STDERR_FILENO, line, size);
        (void)written;
    }
}

static void format_closest(enum log_format format, const struct log_request *entry,
                           char out[CLOSEST_SIZE]) {
    char name[PART_SIZE];
    *out = '\0';
    if (!entry->closest)
        return;
    escape(format, entry->part_name, strlen(entry->part_name), name, sizeof(name));
    const char *blank = *name ? " " : "";
    snprintf(out, CLOSEST_SIZE,
             format == LOG_JSON ? ",\"closestStub\":\"%s\",\"differsIn\":\"%s%s%s\""
                                : " closest stub %s differs in %s%s%s",
             entry->closest, entry->part, blank, name);
}

void log_write_request(enum log_format format, const struct log_request *entry) {
    if (format == LOG_OFF)
        return;
    char line[LINE_SIZE];
    char time[TIMESTAMP_SIZE];
    char method[64];
    char path[PATH_SIZE];
    char principal[NAME_SIZE] = "-";
    timestamp_format(timestamp_now(), time);
    escape(format, entry->method, strlen(entry->method), method, sizeof(method));
    escape(format, entry->path, entry->path_length, path, sizeof(path));
    if (entry->principal)
        escape(format, entry->principal, strlen(entry->principal), principal, sizeof(principal));
    char closest[CLOSEST_SIZE];
    format_closest(format, entry, closest);
    long long microseconds = entry->microseconds;
    const char *breakage = entry->breakage;
    const char *origin = entry->origin;
    int length = 0;
    if (format == LOG_JSON)
        length = snprintf(line, sizeof(line),
                          "{\"time\":\"%s\",\"method\":\"%s\",\"path\":\"%s\",\"status\":%d,"
                          "\"microseconds\":%lld,\"principal\":\"%s\"%s%s%s%s%s%s%s}\n",
                          time, method, path, entry->status, microseconds, principal,
                          breakage ? ",\"fault\":\"" : "", breakage ? breakage : "",
                          breakage ? "\"" : "", *origin ? ",\"origin\":\"" : "", origin,
                          *origin ? "\"" : "", closest);
    else
        length = snprintf(line, sizeof(line), "%s %s %s %d %lldus %s%s%s%s%s%s\n", time, method,
                          path, entry->status, microseconds, principal, breakage ? " " : "",
                          breakage ? breakage : "", *origin ? " failed at " : "", origin, closest);
    write_line(line, length);
}

static void write_message(enum log_format format, const char *kind, const char *message,
                          const char *origin) {
    if (format == LOG_OFF)
        return;
    char line[LINE_SIZE];
    char time[TIMESTAMP_SIZE];
    char text[PATH_SIZE];
    int length = 0;
    timestamp_format(timestamp_now(), time);
    if (format == LOG_JSON) {
        escape(format, message, strlen(message), text, sizeof(text));
        length = snprintf(line, sizeof(line), "{\"time\":\"%s\",\"%s\":\"%s\"%s%s%s}\n", time, kind,
                          text, *origin ? ",\"origin\":\"" : "", origin, *origin ? "\"" : "");
    } else {
        length = snprintf(line, sizeof(line), "%s %s %s%s%s\n", time, kind, message,
                          *origin ? " at " : "", origin);
    }
    write_line(line, length);
}

void log_write_failure(enum log_format format, const char *message, const char *origin) {
    write_message(format, "error", message, origin);
}

void log_write_warning(enum log_format format, const char *message) {
    write_message(format, "warning", message, "");
}
