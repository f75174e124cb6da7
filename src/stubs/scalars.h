/* Scalars of a mapping as WireMock takes them: {"status": "200"} and {"body": 5}. */
#pragma once

#include <cjson/cJSON.h>

/* Turns texts into the numbers and booleans that they stand for, and other scalars into texts,
 * where a mapping or settings need them. What stands for nothing stays, for the reader to refuse.
 * Returns 0 or -ENOMEM. */
int scalars_convert(cJSON *mapping);
