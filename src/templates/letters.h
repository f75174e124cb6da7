/* Upper and lower case of Latin, Greek and Cyrillic letters. */
#pragma once

#include <stddef.h>

enum letters_change {
    LETTERS_UPPER,
    LETTERS_LOWER,
    LETTERS_FIRST,      /* the text's first letter becomes upper case */
    LETTERS_TITLE,      /* so does the first of each word */
    LETTERS_TITLE_ONLY, /* and all others become lower case */
};

/* Changes UTF-8 in place. Letters whose other case has another length stay as they are. */
void letters_change(char *text, size_t size, enum letters_change change);
