#include "templates/helpers.h"

#include <string.h>

#include "templates/helper_tables.h"
#include "util/nearest.h"

#define XML "it reads or writes XML"
#define HOST "an answer may not depend on the machine"

/* What WireMock has, and kestub has not. */
static const struct helper missing[] = {
    {"xPath", .reason = XML},     {"soapXPath", .reason = XML},    {"formatXml", .reason = XML},
    {"hostname", .reason = HOST}, {"systemValue", .reason = HOST}, {.name = NULL},
};

static const struct helper *const tables[] = {
    helpers_logic,   helpers_text,  helpers_lists,  helpers_json,
    helpers_numbers, helpers_dates, helpers_random, missing,
};

const struct helper *helpers_find(const char *name, char reterr_hint[96]) {
    struct nearest nearest = {.text = name};
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        for (const struct helper *helper = tables[i]; helper->name; helper++) {
            if (strcmp(helper->name, name) == 0)
                return helper;
            nearest_offer(&nearest, helper->name);
        }
    }
    nearest_hint(&nearest, "", reterr_hint);
    return NULL;
}
