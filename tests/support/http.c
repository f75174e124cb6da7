#include "http.h"

#include <arpa/inet.h>
#include <check.h>
#include <ctype.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cjson/cJSON.h>
#include <curl/curl.h>

#include "errors.h"
#include "util/text.h"

struct bytes {
    char *text; /* (owned) terminated by a zero */
    size_t size;
};

static size_t collect(char *data, size_t size, size_t n, void *cls) {
    struct bytes *bytes = cls;
    char *larger = realloc(bytes->text, bytes->size + size * n + 1);
    if (!larger)
        return 0;
    memcpy(larger + bytes->size, data, size * n);
    bytes->text = larger;
    bytes->size += size * n;
    larger[bytes->size] = '\0';
    return size * n;
}

struct upload {
    const char *next;
    size_t left;
};

static size_t provide(char *out, size_t size, size_t n, void *cls) {
    struct upload *upload = cls;
    size_t count = size * n < upload->left ? size * n : upload->left;
    memcpy(out, upload->next, count);
    upload->next += count;
    upload->left -= count;
    return count;
}

static cJSON *headers_object(const struct http_answer *answer) {
    cJSON *headers = cJSON_CreateObject();
    for (const char *line = answer->headers; *line; line += strcspn(line, "\n") + 1) {
        char name[128];
        char value[1024];
        if (sscanf(line, "%127[^:\r\n]: %1023[^\r\n]", name, value) == 2)
            cJSON_AddStringToObject(headers, name, value);
    }
    return headers;
}

static void record(const struct http_call *call, const struct version *version, size_t body_size,
                   const struct http_answer *answer) {
    const char *directory = getenv("KESTUB_EXCHANGES");
    if (!directory || !text_is_utf8(call->target, strlen(call->target)))
        return;
    cJSON *line = cJSON_CreateObject();
    cJSON_AddStringToObject(line, "version", version->name);
    cJSON_AddStringToObject(line, "method", call->method);
    cJSON_AddStringToObject(line, "target", call->target);
    cJSON *headers = cJSON_AddObjectToObject(line, "requestHeaders");
    const char *const extra[] = {call->header, call->header2};
    for (size_t i = 0; i < 2; i++) {
        char name[128];
        char value[1024];
        if (extra[i] && sscanf(extra[i], "%127[^:]: %1023[^\n]", name, value) == 2 &&
            text_is_utf8(value, strlen(value)))
            cJSON_AddStringToObject(headers, name, value);
    }
    /* A body that is not text is never valid JSON, so the checker does not need it. */
    char *body = call->body ? strndup(call->body, body_size) : NULL;
    if (body && strlen(body) == body_size && text_is_utf8(body, body_size))
        cJSON_AddStringToObject(line, "requestBody", body);
    free(body);
    cJSON_AddNumberToObject(line, "status", answer->status);
    cJSON_AddItemToObject(line, "headers", headers_object(answer));
    cJSON_AddStringToObject(line, "body", answer->body);
    char *text = cJSON_PrintUnformatted(line);
    char path[512];
    snprintf(path, sizeof(path), "%s/%d.jsonl", directory, (int)getpid());
    FILE *file = fopen(path, "ae");
    ck_assert_ptr_nonnull(file);
    fprintf(file, "%s\n", text);
    fclose(file);
    free(text);
    cJSON_Delete(line);
}

static bool names_content_type(const char *header) {
    return header && strncasecmp(header, "Content-Type:", 13) == 0;
}

static struct curl_slist *request_headers(const struct http_call *call) {
    /* With an empty Expect, curl does not wait for permission to send a large body. */
    struct curl_slist *headers = curl_slist_append(NULL, "Expect:");
    char bearer[1024];
    /* curl's default is a form. An empty "Content-Type:" sends no header. */
    if (call->body && !names_content_type(call->header) && !names_content_type(call->header2))
        headers = curl_slist_append(headers, JSON);
    if (call->bearer) {
        snprintf(bearer, sizeof(bearer), "Authorization: Bearer %s", call->bearer);
        headers = curl_slist_append(headers, bearer);
    }
    if (call->chunked)
        headers = curl_slist_append(headers, "Transfer-Encoding: chunked");
    if (call->header)
        headers = curl_slist_append(headers, call->header);
    if (call->header2)
        headers = curl_slist_append(headers, call->header2);
    return headers;
}

/* The URL of a server on a Unix socket is unix:PATH. */
static void set_url(CURL *curl, const struct process *server, const char *target) {
    char url[4096];
    bool is_local = strncmp(server->url, "unix:", 5) == 0;
    snprintf(url, sizeof(url), "%s%s", is_local ? "http://localhost" : server->url, target);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    if (is_local)
        curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, server->url + 5);
    if (server->ca)
        curl_easy_setopt(curl, CURLOPT_CAINFO, server->ca);
}

void http_send(const struct process *server, const struct http_call *call,
               struct http_answer *ret_answer) {
    struct bytes headers = {0};
    struct bytes body = {0};
    long status = 0;
    size_t body_size = call->body && !call->body_size ? strlen(call->body) : call->body_size;
    struct upload upload = {call->body, body_size};
    CURL *curl = curl_easy_init();
    ck_assert_ptr_nonnull(curl);
    struct curl_slist *sent = request_headers(call);
    set_url(curl, server, call->target);
    curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 60L);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, sent);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, collect);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, collect);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &headers);
    if (call->body && call->chunked) {
        curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(curl, CURLOPT_READFUNCTION, provide);
        curl_easy_setopt(curl, CURLOPT_READDATA, &upload);
    } else if (call->body) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body_size);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, call->body);
    }
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, call->method);
    if (strcmp(call->method, "HEAD") == 0)
        curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    if (call->basic)
        curl_easy_setopt(curl, CURLOPT_USERPWD, call->basic);
    if (curl_easy_perform(curl) == CURLE_OK)
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_slist_free_all(sent);
    curl_easy_cleanup(curl);
    *ret_answer = (struct http_answer){
        .status = (int)status,
        .headers = headers.text ? headers.text : strdup(""),
        .body = body.text ? body.text : strdup(""),
        .body_size = body.size,
    };
    if (!status || call->off_record)
        return;
    const struct version *version =
        call->version ? version_find(call->version) : version_under_test();
    errors_check_form(version, call, ret_answer);
    record(call, version, body_size, ret_answer);
}

void http_answer_deinit(struct http_answer *answer) {
    free(answer->headers);
    free(answer->body);
    *answer = (struct http_answer){0};
}

void http_expect(const struct process *server, const struct http_call *call, int status,
                 const char *text) {
    struct http_answer answer;
    http_send(server, call, &answer);
    ck_assert_msg(answer.status == status && (!text || strstr(answer.body, text)),
                  "%s %s: status %d, not %d, or no '%s': %s", call->method, call->target,
                  answer.status, status, text ? text : "", answer.body);
    http_answer_deinit(&answer);
}

const char *http_header(const struct http_answer *answer, const char *name) {
    static _Thread_local char value[1024];
    size_t length = strlen(name);
    for (const char *line = answer->headers; *line; line += strcspn(line, "\n") + 1) {
        if (strncasecmp(line, name, length) != 0 || line[length] != ':')
            continue;
        line += length + 1 + strspn(line + length + 1, " ");
        snprintf(value, sizeof(value), "%.*s", (int)strcspn(line, "\r\n"), line);
        return value;
    }
    return NULL;
}

int http_connect(const struct process *server) {
    unsigned port;
    ck_assert_int_eq(sscanf(server->url, "http://127.0.0.1:%u", &port), 1);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const struct timeval timeout = {.tv_sec = 60};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_ge(fd, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

/* Whether the bytes contain a complete answer, judging by its Content-Length. */
static bool is_whole(const struct bytes *bytes) {
    const char *end = bytes->text ? strstr(bytes->text, "\r\n\r\n") : NULL;
    if (!end)
        return false;
    const char *length = strcasestr(bytes->text, "\r\nContent-Length:");
    size_t expected = length && length < end ? strtoul(length + 17, NULL, 10) : 0;
    return bytes->size >= (size_t)(end + 4 - bytes->text) + expected;
}

void http_raw(const struct process *server, const char *bytes, size_t size, bool one_answer,
              struct http_answer *ret_answer) {
    int fd = http_connect(server);
    for (size_t sent = 0; sent < size;) {
        ssize_t n = send(fd, bytes + sent, size - sent, MSG_NOSIGNAL);
        if (n <= 0)
            break; /* the server refused the request early; its answer says why */
        sent += (size_t)n;
    }
    struct bytes all = {0};
    char chunk[4096];
    ssize_t n;
    while (!(one_answer && is_whole(&all)) && (n = recv(fd, chunk, sizeof(chunk), 0)) > 0)
        collect(chunk, 1, (size_t)n, &all);
    close(fd);
    char *text = all.text ? all.text : strdup("");
    char *end = strstr(text, "\r\n\r\n");
    *ret_answer = (struct http_answer){.headers = text};
    sscanf(text, "HTTP/1.%*d %d", &ret_answer->status);
    ret_answer->body = strdup(end ? end + 4 : "");
    ret_answer->body_size = strlen(ret_answer->body);
    if (end)
        end[4] = '\0';
}
