/* Made by contract.py. */
#include "contract_input.h"

static const char *const segments_1[] = {
    "things",
    "search",
};

static const struct schema schema_2 = {
    .type = SCHEMA_INTEGER,
    .minimum = 1,
    .fallback = 1,
};

static const struct schema schema_3 = {
    .type = SCHEMA_STRING,
};

static const struct schema schema_4 = {
    .type = SCHEMA_ARRAY,
    .items = &schema_3,
};

static const struct schema schema_5 = {
    .type = SCHEMA_STRING,
    .pattern = "^[a-z]+$",
};

static const struct field fields_6[] = {
    {
        .name = "page",
        .schema = &schema_2,
        .bind = BIND_INTEGER,
        .offset = offsetof(struct search_things_input, query.page),
    },
    {
        .name = "sort",
        .schema = &schema_4,
        .bind = BIND_STRINGS,
        .offset = offsetof(struct search_things_input, query.sort),
    },
    {
        .name = "colour",
        .schema = &schema_5,
        .required = true,
        .bind = BIND_STRING,
        .offset = offsetof(struct search_things_input, query.colour),
    },
};

static const struct schema schema_7 = {
    .type = SCHEMA_OBJECT,
    .fields = fields_6,
    .n_fields = 3,
};

static const int statuses_8[] = {
    200,
    0,
};

static const struct operation operation_9 = {
    .id = "searchThings",
    .is_public = true,
    .query = &schema_7,
    .statuses = statuses_8,
    .input_size = sizeof(struct search_things_input),
    .handle = handle_search_things,
};

static const char *const segments_10[] = {
    "things",
    NULL,
};

static const struct schema schema_11 = {
    .type = SCHEMA_STRING,
};

static const struct field parameters_12[] = {
    {
        .name = "id",
        .schema = &schema_11,
        .required = true,
        .bind = BIND_STRING,
        .offset = offsetof(struct update_thing_input, id),
    },
};

static const struct schema schema_13 = {
    .type = SCHEMA_STRING,
    .not_blank = true,
    .min_length = 2,
};

static const struct schema schema_14 = {
    .type = SCHEMA_BOOLEAN,
    .nullable = true,
};

static const char *const enumeration_15[] = {
    "RED",
    "BLUE",
    NULL,
};

static const struct schema schema_16 = {
    .type = SCHEMA_STRING,
    .enumeration = enumeration_15,
};

static const struct schema schema_17 = {
    .type = SCHEMA_ARRAY,
    .items = &schema_16,
};

static const struct schema schema_18 = {
    .type = SCHEMA_STRING,
    .date_time = true,
};

static const struct field fields_19[] = {
    {
        .name = "madeAt",
        .schema = &schema_18,
    },
};

static const struct schema schema_20 = {
    .type = SCHEMA_OBJECT,
    .closed = true,
    .fields = fields_19,
    .n_fields = 1,
};

static const struct schema schema_21 = {
    .type = SCHEMA_ARRAY,
    .items = &schema_20,
};

static const struct field fields_22[] = {
    {
        .name = "displayName",
        .schema = &schema_13,
        .required = true,
        .bind = BIND_STRING,
        .offset = offsetof(struct update_thing_input, body.display_name),
    },
    {
        .name = "isOn",
        .schema = &schema_14,
        .bind = BIND_BOOLEAN,
        .offset = offsetof(struct update_thing_input, body.is_on),
    },
    {
        .name = "tags",
        .schema = &schema_17,
        .bind = BIND_STRINGS,
        .offset = offsetof(struct update_thing_input, body.tags),
    },
    {
        .name = "parts",
        .schema = &schema_21,
        .bind = BIND_JSON,
        .offset = offsetof(struct update_thing_input, body.parts),
    },
};

static const struct schema schema_23 = {
    .type = SCHEMA_OBJECT,
    .fields = fields_22,
    .n_fields = 4,
};

static const int statuses_24[] = {
    200,
    404,
    0,
};

static const struct operation operation_25 = {
    .id = "updateThing",
    .resource = "THING",
    .parameters = parameters_12,
    .n_parameters = 1,
    .body = &schema_23,
    .body_path = "updateThing.request",
    .body_required = true,
    .statuses = statuses_24,
    .input_size = sizeof(struct update_thing_input),
    .handle = handle_update_thing,
};

static const struct schema schema_26 = {
    .type = SCHEMA_STRING,
};

static const struct field parameters_27[] = {
    {
        .name = "id",
        .schema = &schema_26,
        .required = true,
        .bind = BIND_STRING,
        .offset = offsetof(struct delete_thing_input, id),
    },
};

static const int statuses_28[] = {
    204,
    0,
};

static const struct operation operation_29 = {
    .id = "deleteThing",
    .superadmin = true,
    .parameters = parameters_27,
    .n_parameters = 1,
    .statuses = statuses_28,
    .input_size = sizeof(struct delete_thing_input),
    .handle = handle_delete_thing,
};

static const struct schema schema_30 = {
    .type = SCHEMA_STRING,
    .not_blank = true,
    .min_length = 2,
};

static const struct schema schema_31 = {
    .type = SCHEMA_BOOLEAN,
    .nullable = true,
};

static const char *const enumeration_32[] = {
    "RED",
    "BLUE",
    NULL,
};

static const struct schema schema_33 = {
    .type = SCHEMA_STRING,
    .enumeration = enumeration_32,
};

static const struct schema schema_34 = {
    .type = SCHEMA_ARRAY,
    .items = &schema_33,
};

static const struct schema schema_35 = {
    .type = SCHEMA_STRING,
    .date_time = true,
};

static const struct field fields_36[] = {
    {
        .name = "madeAt",
        .schema = &schema_35,
    },
};

static const struct schema schema_37 = {
    .type = SCHEMA_OBJECT,
    .closed = true,
    .fields = fields_36,
    .n_fields = 1,
};

static const struct schema schema_38 = {
    .type = SCHEMA_ARRAY,
    .items = &schema_37,
};

static const struct field fields_39[] = {
    {
        .name = "displayName",
        .schema = &schema_30,
        .required = true,
    },
    {
        .name = "isOn",
        .schema = &schema_31,
    },
    {
        .name = "tags",
        .schema = &schema_34,
    },
    {
        .name = "parts",
        .schema = &schema_38,
    },
};

static const struct schema schema_40 = {
    .type = SCHEMA_OBJECT,
    .fields = fields_39,
    .n_fields = 4,
};

const struct route contract_routes[] = {
    {
        .segments = segments_1,
        .n_segments = 2,
        .operations[HTTP_GET] = &operation_9,
    },
    {
        .segments = segments_10,
        .n_segments = 2,
        .operations[HTTP_PUT] = &operation_25,
        .operations[HTTP_DELETE] = &operation_29,
    },
};
const size_t contract_n_routes = sizeof(contract_routes) / sizeof(contract_routes[0]);

const struct schema *const golden_schema = &schema_40;
