#include <string.h>

#include "contract/contract.h"

const struct version *version_find(const char *name) {
    for (size_t i = 0; i < contract_n_versions; i++)
        if (strcmp(contract_versions[i].name, name) == 0)
            return &contract_versions[i];
    return NULL;
}
