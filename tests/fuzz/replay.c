/* Runs a target with every file of a corpus, and prints a TAP line for each. A crash ends the
 * test. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"

static int replay(const char *path) {
    static uint8_t buffer[1 << 20];
    FILE *file = fopen(path, "rbe");
    if (!file)
        return -1;
    size_t size = fread(buffer, 1, sizeof(buffer), file);
    fclose(file);
    /* An exact copy, so that sanitizers detect reads past its end. */
    uint8_t *data = malloc(size ? size : 1);
    if (!data)
        return -1;
    for (size_t i = 0; i < size; i++)
        data[i] = buffer[i];
    int r = LLVMFuzzerTestOneInput(data, size);
    free(data);
    return r;
}

int main(int argc, char **argv) {
    struct dirent **entries = NULL;
    int n = argc == 2 ? scandir(argv[1], &entries, NULL, alphasort) : -1;
    int count = 0;
    for (int i = 0; i < n; i++) {
        char path[4096];
        if (entries[i]->d_name[0] != '.') {
            snprintf(path, sizeof(path), "%s/%s", argv[1], entries[i]->d_name);
            printf("%sok %d - %s\n", replay(path) == 0 ? "" : "not ", ++count, entries[i]->d_name);
        }
        free(entries[i]);
    }
    free(entries);
    printf("1..%d\n", count);
    return count > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
