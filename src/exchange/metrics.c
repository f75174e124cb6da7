#include "exchange/metrics.h"

#include <inttypes.h>
#include <stdlib.h>

/* A status that an operation has answered with. Nodes are only added, always at the front. */
struct answers {
    int status;
    atomic_uint_least64_t count;
    struct answers *next;
};

struct metrics_label {
    const char *name; /* an operation's id, or what stands for it */
    _Atomic(struct answers *) answers;
};

/* Labels are the operations of all versions, those of the control plane, and then these. */
enum { LABEL_STUB, LABEL_UNKNOWN, N_OTHER_LABELS };

static const int64_t bounds_us[METRICS_N_BUCKETS] = {
    100, 250, 500, 1000, 2500, 5000, 10000, 50000, 100000, 500000, 1000000, 5000000,
};

static size_t count_api(void) {
    return contract_versions[0].routes.n_operations;
}

static void name_labels(struct metrics_label *labels, const struct route_table *table) {
    for (size_t i = 0; i < table->n_routes; i++)
        for (size_t method = 0; method < HTTP_N_METHODS; method++)
            if (table->routes[i].operations[method])
                labels[table->routes[i].operations[method]->number].name =
                    table->routes[i].operations[method]->id;
}

struct metrics *metrics_new(void) {
    struct metrics *metrics = calloc(1, sizeof(*metrics));
    size_t n_operations = count_api() + admin_routes.n_operations;
    if (metrics)
        metrics->labels = calloc(n_operations + N_OTHER_LABELS, sizeof(*metrics->labels));
    if (!metrics || !metrics->labels) {
        free(metrics);
        return NULL;
    }
    metrics->n_labels = n_operations + N_OTHER_LABELS;
    for (size_t i = 0; i < contract_n_versions; i++)
        name_labels(metrics->labels, &contract_versions[i].routes);
    name_labels(metrics->labels + count_api(), &admin_routes);
    metrics->labels[n_operations + LABEL_STUB].name = "stub";
    metrics->labels[n_operations + LABEL_UNKNOWN].name = "unknown";
    return metrics;
}

void metrics_free(struct metrics *metrics) {
    if (!metrics)
        return;
    for (size_t i = 0; i < metrics->n_labels; i++) {
        struct answers *next = atomic_load(&metrics->labels[i].answers);
        while (next) {
            struct answers *answers = next;
            next = answers->next;
            free(answers);
        }
    }
    free(metrics->labels);
    free(metrics);
}

static struct metrics_label *label_of(const struct metrics *metrics,
                                      const struct metrics_request *request) {
    const struct operation *operation = request->operation;
    if (operation)
        return &metrics->labels[operation->number + (request->is_admin ? count_api() : 0)];
    return &metrics->labels[metrics->n_labels - N_OTHER_LABELS +
                            (request->is_stub ? LABEL_STUB : LABEL_UNKNOWN)];
}

static struct answers *find(struct answers *answers, int status) {
    while (answers && answers->status != status)
        answers = answers->next;
    return answers;
}

/* Returns the status' node, which it adds if there is none, or NULL when memory is out. */
static struct answers *provide(struct metrics_label *label, int status) {
    struct answers *first = atomic_load_explicit(&label->answers, memory_order_acquire);
    struct answers *found = find(first, status);
    if (found)
        return found;
    struct answers *added = malloc(sizeof(*added));
    if (!added)
        return NULL;
    added->status = status;
    atomic_init(&added->count, 0);
    do {
        found = find(first, status);
        added->next = first;
    } while (!found && !atomic_compare_exchange_weak(&label->answers, &first, added));
    if (found)
        free(added); /* another thread was faster */
    return found ? found : added;
}

void metrics_count(struct metrics *metrics, const struct metrics_request *request) {
    struct answers *answers = provide(label_of(metrics, request), request->status);
    size_t bucket = 0;
    while (bucket < METRICS_N_BUCKETS && request->microseconds > bounds_us[bucket])
        bucket++;
    if (answers)
        atomic_fetch_add_explicit(&answers->count, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&metrics->buckets[bucket], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&metrics->total_us, (uint64_t)request->microseconds,
                              memory_order_relaxed);
}

void metrics_print_head(FILE *out, const char *name, const char *type, const char *help) {
    fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void print_label(FILE *out, const struct metrics_label *label) {
    const struct answers *at = atomic_load_explicit(&label->answers, memory_order_acquire);
    for (; at; at = at->next) {
        char status[16] = "none";
        if (at->status > 0)
            snprintf(status, sizeof(status), "%d", at->status);
        fprintf(out, "kestub_requests_total{operation=\"%s\",status=\"%s\"} %" PRIu64 "\n",
                label->name, status, (uint64_t)atomic_load(&at->count));
    }
}

static void print_durations(FILE *out, const struct metrics *metrics) {
    static const char name[] = "kestub_request_duration_seconds";
    uint64_t count = 0;
    metrics_print_head(out, name, "histogram",
                       "Time from the start of a request to its answer, with intended delays.");
    for (size_t i = 0; i < METRICS_N_BUCKETS; i++) {
        count += atomic_load(&metrics->buckets[i]);
        fprintf(out, "%s_bucket{le=\"%g\"} %" PRIu64 "\n", name, (double)bounds_us[i] / 1e6, count);
    }
    count += atomic_load(&metrics->buckets[METRICS_N_BUCKETS]);
    fprintf(out, "%s_bucket{le=\"+Inf\"} %" PRIu64 "\n", name, count);
    fprintf(out, "%s_sum %.6f\n%s_count %" PRIu64 "\n", name,
            (double)atomic_load(&metrics->total_us) / 1e6, name, count);
}

void metrics_print(FILE *out, const struct metrics *metrics) {
    metrics_print_head(out, "kestub_requests_total", "counter",
                       "Requests by operation of a contract and by status.");
    for (size_t i = 0; i < metrics->n_labels; i++)
        print_label(out, &metrics->labels[i]);
    print_durations(out, metrics);
}
