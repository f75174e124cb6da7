#include "http/management.h"

#include <stdbool.h>
#include <string.h>

enum MHD_Result management_answer(void *cls, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *upload_data,
                                  size_t *upload_data_size, void **con_cls) {
    static char up[] = "{\"status\":\"UP\"}";
    static char unknown[] = "{\"message\":\"only /health answers here\"}";
    static char refused[] = "{\"message\":\"only GET and HEAD make sense here\"}";
    bool is_known = strcmp(url, "/health") == 0 || strncmp(url, "/health/", 8) == 0;
    bool is_read =
        strcmp(method, MHD_HTTP_METHOD_GET) == 0 || strcmp(method, MHD_HTTP_METHOD_HEAD) == 0;
    unsigned status = !is_known ? MHD_HTTP_NOT_FOUND
                      : is_read ? MHD_HTTP_OK
                                : MHD_HTTP_METHOD_NOT_ALLOWED;
    char *text = !is_known ? unknown : is_read ? up : refused;
    (void)cls;
    (void)version;
    (void)upload_data;
    (void)con_cls;
    *upload_data_size = 0;
    struct MHD_Response *response =
        MHD_create_response_from_buffer(strlen(text), text, MHD_RESPMEM_PERSISTENT);
    if (!response)
        return MHD_NO;
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "application/json");
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
    enum MHD_Result result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}
