/* The port on which the vendor's server has its health check. */
#pragma once

#include <microhttpd.h>

/* Answers GET /health with a 200, and all else with a 404 or 405, and closes the connection. Leaves
 * no trace. */
enum MHD_Result management_answer(void *cls, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *upload_data,
                                  size_t *upload_data_size, void **con_cls);
