/* The templates of a stub's response. */
#pragma once

#include "json/json_members.h"

struct template;

struct stub_templates {
    bool is_active;          /* the stub is rendered at all */
    bool keeps_files;        /* the contents of files are sent as they are */
    bool is_json;            /* the body is jsonBody */
    const cJSON *parameters; /* transformerParameters, or NULL */
    /* NULL: it has no template */
    const struct template *body;
    const struct template *body_file; /* the name */
    const struct template **headers;  /* one for each header, NULL for those without */
};

/* Read `transformers` and `transformerParameters` into a struct stub_templates. */
json_read stub_templates_read_names;
json_read stub_templates_read_parameters;

/* Parses the templates of a response whose members were read; `json_body` is the text of its
 * jsonBody, or NULL. Returns 0, >0 and violations, or -ENOMEM. */
int stub_templates_parse(struct json_reader *reader, const struct json_place *place,
                         const cJSON *response, const char *json_body, size_t n_headers,
                         struct stub_templates *templates);
