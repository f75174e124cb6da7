/* Answers with files of the directory of --files. */
#pragma once

#include "exchange/exchange.h"

/* Answers with a file and with headers, which are borrowed; a file that cannot be read is a 500
 * that says so. Returns EXCHANGE_ANSWERED or <0. */
int body_file_answer(struct exchange *exchange, int status, const char *name,
                     const struct name_value_list *headers);
