/* Made by contract.py. */
#include "contract_input.h"

static const char *const segments_1[] = {
    "things",
    "search",
};

static const int statuses_2[] = {
    200,
    0,
};

static const struct operation operation_3 = {
    .id = "searchThings",
    .is_public = true,
    .statuses = statuses_2,
    .handle = handle_search_things,
};

static const char *const segments_4[] = {
    "things",
    NULL,
};

static const struct schema schema_5 = {
    .type = SCHEMA_STRING,
};

static const struct field parameters_6[] = {
    {
        .name = "id",
        .schema = &schema_5,
        .required = true,
        .bind = BIND_STRING,
        .offset = offsetof(struct update_thing_input, id),
    },
};

static const struct schema schema_7 = {
    .type = SCHEMA_STRING,
    .not_blank = true,
    .min_length = 2,
};

static const struct schema schema_8 = {
    .type = SCHEMA_BOOLEAN,
    .nullable = true,
};

static const char *const enumeration_9[] = {
    "RED",
    "BLUE",
    NULL,
};

static const struct schema schema_10 = {
    .type = SCHEMA_STRING,
    .enumeration = enumeration_9,
};

static const struct schema schema_11 = {
    .type = SCHEMA_ARRAY,
    .items = &schema_10,
};

static const struct schema schema_12 = {
    .type = SCHEMA_STRING,
    .date_time = true,
};

static const struct field fields_13[] = {
    {
        .name = "madeAt",
        .schema = &schema_12,
    },
};

static const struct schema schema_14 = {
    .type = SCHEMA_OBJECT,
    .closed = true,
    .fields = fields_13,
    .n_fields = 1,
};

static const struct schema schema_15 = {
    .type = SCHEMA_ARRAY,
    .items = &schema_14,
};

static const struct field fields_16[] = {
    {
        .name = "displayName",
        .schema = &schema_7,
        .required = true,
        .bind = BIND_STRING,
        .offset = offsetof(struct update_thing_input, body.display_name),
    },
    {
        .name = "isOn",
        .schema = &schema_8,
        .bind = BIND_BOOLEAN,
        .offset = offsetof(struct update_thing_input, body.is_on),
    },
    {
        .name = "tags",
        .schema = &schema_11,
        .bind = BIND_STRINGS,
        .offset = offsetof(struct update_thing_input, body.tags),
    },
    {
        .name = "parts",
        .schema = &schema_15,
        .bind = BIND_JSON,
        .offset = offsetof(struct update_thing_input, body.parts),
    },
};

static const struct schema schema_17 = {
    .type = SCHEMA_OBJECT,
    .fields = fields_16,
    .n_fields = 4,
};

static const int statuses_18[] = {
    200,
    404,
    0,
};

static const struct operation operation_19 = {
    .id = "updateThing",
    .resource = "THING",
    .parameters = parameters_6,
    .n_parameters = 1,
    .body = &schema_17,
    .body_path = "updateThing.request",
    .body_required = true,
    .statuses = statuses_18,
    .input_size = sizeof(struct update_thing_input),
    .handle = handle_update_thing,
};

static const struct schema schema_20 = {
    .type = SCHEMA_STRING,
};

static const struct field parameters_21[] = {
    {
        .name = "id",
        .schema = &schema_20,
        .required = true,
        .bind = BIND_STRING,
        .offset = offsetof(struct delete_thing_input, id),
    },
};

static const int statuses_22[] = {
    204,
    0,
};

static const struct operation operation_23 = {
    .id = "deleteThing",
    .superadmin = true,
    .parameters = parameters_21,
    .n_parameters = 1,
    .statuses = statuses_22,
    .input_size = sizeof(struct delete_thing_input),
    .handle = handle_delete_thing,
};

static const struct schema schema_24 = {
    .type = SCHEMA_STRING,
    .not_blank = true,
    .min_length = 2,
};

static const struct schema schema_25 = {
    .type = SCHEMA_BOOLEAN,
    .nullable = true,
};

static const char *const enumeration_26[] = {
    "RED",
    "BLUE",
    NULL,
};

static const struct schema schema_27 = {
    .type = SCHEMA_STRING,
    .enumeration = enumeration_26,
};

static const struct schema schema_28 = {
    .type = SCHEMA_ARRAY,
    .items = &schema_27,
};

static const struct schema schema_29 = {
    .type = SCHEMA_STRING,
    .date_time = true,
};

static const struct field fields_30[] = {
    {
        .name = "madeAt",
        .schema = &schema_29,
    },
};

static const struct schema schema_31 = {
    .type = SCHEMA_OBJECT,
    .closed = true,
    .fields = fields_30,
    .n_fields = 1,
};

static const struct schema schema_32 = {
    .type = SCHEMA_ARRAY,
    .items = &schema_31,
};

static const struct field fields_33[] = {
    {
        .name = "displayName",
        .schema = &schema_24,
        .required = true,
    },
    {
        .name = "isOn",
        .schema = &schema_25,
    },
    {
        .name = "tags",
        .schema = &schema_28,
    },
    {
        .name = "parts",
        .schema = &schema_32,
    },
};

static const struct schema schema_34 = {
    .type = SCHEMA_OBJECT,
    .fields = fields_33,
    .n_fields = 4,
};

const struct route contract_routes[] = {
    {
        .segments = segments_1,
        .n_segments = 2,
        .operations[HTTP_GET] = &operation_3,
    },
    {
        .segments = segments_4,
        .n_segments = 2,
        .operations[HTTP_PUT] = &operation_19,
        .operations[HTTP_DELETE] = &operation_23,
    },
};
const size_t contract_n_routes = sizeof(contract_routes) / sizeof(contract_routes[0]);

const struct schema *const golden_schema = &schema_34;
