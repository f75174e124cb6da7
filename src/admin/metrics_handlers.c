/* What the server counts, for Prometheus. */
#include <inttypes.h>

#include "admin/admin_answer.h"
#include "admin_input.h"
#include "exchange/metrics.h"
#include "util/timestamp.h"

static void print_gauge(FILE *out, const char *name, const char *help, uint64_t value) {
    metrics_print_head(out, name, "gauge", help);
    fprintf(out, "%s %" PRIu64 "\n", name, value);
}

/* The scrape itself is in flight and does not count. */
static void print_load(FILE *out, const struct metrics *metrics) {
    int in_flight = atomic_load(&metrics->in_flight) - 1;
    int connections = atomic_load(&metrics->connections);
    print_gauge(out, "kestub_requests_in_flight", "Requests that wait for their answer.",
                in_flight > 0 ? (uint64_t)in_flight : 0);
    print_gauge(out, "kestub_connections", "Open connections.",
                connections > 0 ? (uint64_t)connections : 0);
}

static void print_sandboxes(FILE *out, struct sandboxes *sandboxes) {
    struct journal_statistics journals;
    size_t count;
    sandboxes_measure(sandboxes, &count, &journals);
    print_gauge(out, "kestub_sandboxes", "Sandboxes, with the default one.", count);
    print_gauge(out, "kestub_journal_entries", "Requests in the journals.", journals.count);
    print_gauge(out, "kestub_journal_bytes", "Memory of the journals.", journals.bytes);
    print_gauge(out, "kestub_journal_evicted",
                "Requests that the journals of today's sandboxes have dropped for newer ones.",
                journals.evicted);
    print_gauge(out, "kestub_journal_lost",
                "Requests that the journals of today's sandboxes had no memory for.",
                journals.lost);
}

static void print_memory(FILE *out, struct memory_limit *memory) {
    if (!memory)
        return;
    print_gauge(out, "kestub_memory_resident_bytes", "Resident memory of the process.",
                memory_limit_measure(memory));
    print_gauge(out, "kestub_memory_limit_bytes", "The limit of --max-memory.", memory->bytes);
}

static void print_server(FILE *out, const struct config *config) {
    double up_s = (double)(timestamp_monotonic_us() - config->start_us) / 1e6;
    metrics_print_head(out, "kestub_uptime_seconds", "gauge", "Time since the start.");
    fprintf(out, "kestub_uptime_seconds %.3f\n", up_s);
    metrics_print_head(out, "kestub_build_info", "gauge",
                       "The program, and the version that it emulates by default.");
    fprintf(out, "kestub_build_info{version=\"%s\",commit=\"%s\",server_version=\"%s\"} 1\n",
            KESTUB_VERSION, config->commit ? config->commit : "none", config_version(config)->name);
}

static void print(FILE *out, const void *cls) {
    const struct exchange *exchange = cls;
    if (exchange->metrics) {
        metrics_print(out, exchange->metrics);
        print_load(out, exchange->metrics);
    }
    if (exchange->sandboxes)
        print_sandboxes(out, exchange->sandboxes);
    print_memory(out, exchange_memory(exchange));
    print_server(out, exchange->config);
}

int handle_get_metrics(struct exchange *exchange, const void *input) {
    (void)input;
    return admin_answer_printed(exchange, "text/plain; version=0.0.4; charset=utf-8", print,
                                exchange);
}
