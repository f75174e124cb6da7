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
    .type = SCHEMA_OBJECT,
};

static const struct schema schema_6 = {
    .type = SCHEMA_STRING,
    .pattern = "^[a-z]+$",
};

static const struct field fields_7[] = {
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
        .name = "filters",
        .schema = &schema_5,
        .bind = BIND_PAIRS,
        .offset = offsetof(struct search_things_input, query.filters),
    },
    {
        .name = "colour",
        .schema = &schema_6,
        .required = true,
        .bind = BIND_STRING,
        .offset = offsetof(struct search_things_input, query.colour),
    },
};

static const struct schema schema_8 = {
    .type = SCHEMA_OBJECT,
    .fields = fields_7,
    .n_fields = 4,
};

static const int statuses_9[] = {
    200,
    0,
};

static const struct operation operation_10 = {
    .id = "searchThings",
    .is_public = true,
    .query = &schema_8,
    .statuses = statuses_9,
    .input_size = sizeof(struct search_things_input),
    .handle = handle_search_things,
};

static const char *const segments_11[] = {
    "things",
    NULL,
};

static const struct schema schema_12 = {
    .type = SCHEMA_STRING,
};

static const struct field parameters_13[] = {
    {
        .name = "id",
        .schema = &schema_12,
        .required = true,
        .bind = BIND_STRING,
        .offset = offsetof(struct update_thing_input, id),
    },
};

static const struct schema schema_14 = {
    .type = SCHEMA_STRING,
    .not_blank = true,
    .min_length = 2,
};

static const struct schema schema_15 = {
    .type = SCHEMA_BOOLEAN,
    .nullable = true,
};

static const char *const enumeration_16[] = {
    "RED",
    "BLUE",
    NULL,
};

static const struct schema schema_17 = {
    .type = SCHEMA_STRING,
    .enumeration = enumeration_16,
};

static const struct schema schema_18 = {
    .type = SCHEMA_ARRAY,
    .items = &schema_17,
};

static const struct schema schema_19 = {
    .type = SCHEMA_STRING,
    .date_time = true,
};

static const struct field fields_20[] = {
    {
        .name = "madeAt",
        .schema = &schema_19,
    },
};

static const struct schema schema_21 = {
    .type = SCHEMA_OBJECT,
    .closed = true,
    .fields = fields_20,
    .n_fields = 1,
};

static const struct schema schema_22 = {
    .type = SCHEMA_ARRAY,
    .items = &schema_21,
};

static const struct field fields_23[] = {
    {
        .name = "displayName",
        .schema = &schema_14,
        .required = true,
        .bind = BIND_STRING,
        .offset = offsetof(struct update_thing_input, body.display_name),
    },
    {
        .name = "isOn",
        .schema = &schema_15,
        .bind = BIND_BOOLEAN,
        .offset = offsetof(struct update_thing_input, body.is_on),
    },
    {
        .name = "tags",
        .schema = &schema_18,
        .bind = BIND_STRINGS,
        .offset = offsetof(struct update_thing_input, body.tags),
    },
    {
        .name = "parts",
        .schema = &schema_22,
        .bind = BIND_JSON,
        .offset = offsetof(struct update_thing_input, body.parts),
    },
};

static const struct schema schema_24 = {
    .type = SCHEMA_OBJECT,
    .fields = fields_23,
    .n_fields = 4,
};

static const int statuses_25[] = {
    200,
    404,
    0,
};

static const struct operation operation_26 = {
    .id = "updateThing",
    .resource = "THING",
    .parameters = parameters_13,
    .n_parameters = 1,
    .body = &schema_24,
    .body_path = "updateThing.request",
    .body_required = true,
    .statuses = statuses_25,
    .input_size = sizeof(struct update_thing_input),
    .handle = handle_update_thing,
};

static const struct schema schema_27 = {
    .type = SCHEMA_STRING,
};

static const struct field parameters_28[] = {
    {
        .name = "id",
        .schema = &schema_27,
        .required = true,
        .bind = BIND_STRING,
        .offset = offsetof(struct delete_thing_input, id),
    },
};

static const int statuses_29[] = {
    204,
    0,
};

static const struct operation operation_30 = {
    .id = "deleteThing",
    .superadmin = true,
    .parameters = parameters_28,
    .n_parameters = 1,
    .statuses = statuses_29,
    .input_size = sizeof(struct delete_thing_input),
    .handle = handle_delete_thing,
};

static const struct schema schema_31 = {
    .type = SCHEMA_STRING,
    .not_blank = true,
    .min_length = 2,
};

static const struct schema schema_32 = {
    .type = SCHEMA_BOOLEAN,
    .nullable = true,
};

static const char *const enumeration_33[] = {
    "RED",
    "BLUE",
    NULL,
};

static const struct schema schema_34 = {
    .type = SCHEMA_STRING,
    .enumeration = enumeration_33,
};

static const struct schema schema_35 = {
    .type = SCHEMA_ARRAY,
    .items = &schema_34,
};

static const struct schema schema_36 = {
    .type = SCHEMA_STRING,
    .date_time = true,
};

static const struct field fields_37[] = {
    {
        .name = "madeAt",
        .schema = &schema_36,
    },
};

static const struct schema schema_38 = {
    .type = SCHEMA_OBJECT,
    .closed = true,
    .fields = fields_37,
    .n_fields = 1,
};

static const struct schema schema_39 = {
    .type = SCHEMA_ARRAY,
    .items = &schema_38,
};

static const struct field fields_40[] = {
    {
        .name = "displayName",
        .schema = &schema_31,
        .required = true,
    },
    {
        .name = "isOn",
        .schema = &schema_32,
    },
    {
        .name = "tags",
        .schema = &schema_35,
    },
    {
        .name = "parts",
        .schema = &schema_39,
    },
};

static const struct schema schema_41 = {
    .type = SCHEMA_OBJECT,
    .fields = fields_40,
    .n_fields = 4,
};

const struct route contract_routes[] = {
    {
        .segments = segments_1,
        .n_segments = 2,
        .operations[HTTP_GET] = &operation_10,
    },
    {
        .segments = segments_11,
        .n_segments = 2,
        .operations[HTTP_PUT] = &operation_26,
        .operations[HTTP_DELETE] = &operation_30,
    },
};
const size_t contract_n_routes = sizeof(contract_routes) / sizeof(contract_routes[0]);

const struct schema *const golden_schema = &schema_41;
