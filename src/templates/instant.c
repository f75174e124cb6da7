#include "templates/instant.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define ISO_8601 "yyyy-MM-dd'T'HH:mm:ssXXX"

void instant_print(const struct value *date, char out[INSTANT_SIZE]) {
    const char *format = date->format ? date->format : ISO_8601;
    int64_t seconds = date->instant / 1000 - (date->instant % 1000 < 0);
    if (strcmp(format, "epoch") == 0)
        snprintf(out, INSTANT_SIZE, "%" PRId64, date->instant);
    else if (strcmp(format, "unix") == 0)
        snprintf(out, INSTANT_SIZE, "%" PRId64, seconds);
    else
        (void)java_date_format(format, date->instant, date->zone, out);
}

bool instant_has_format(const char *format, char reterr_error[JAVA_DATE_ERROR_SIZE]) {
    return strcmp(format, "epoch") == 0 || strcmp(format, "unix") == 0 ||
           java_date_check(format, reterr_error) == 0;
}
