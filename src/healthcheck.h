/* `kestub healthcheck`: for containers without curl. */
#pragma once

enum { HEALTHCHECK_ERROR_SIZE = 256 };

/* GET /health of the server at a base URL such as http://127.0.0.1:8080. 0 when the answer is
 * 200 and nothing took longer than two seconds; >0 and a sentence in `error`. */
int healthcheck_run(const char *url, char error[HEALTHCHECK_ERROR_SIZE]);
