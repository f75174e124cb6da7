/* Made by contract.py. */
#include "contract_input.h"

static const char *const segments_1[] = {
    "things",
    "",
};

static const struct schema schema_2 = {
    .type = SCHEMA_STRING,
};

static const struct field fields_3[] = {
    {
        .name = "name",
        .schema = &schema_2,
        .bind = BIND_STRING,
        .offset = offsetof(struct add_thing_input, body.name),
    },
};

static const struct schema schema_4 = {
    .type = SCHEMA_OBJECT,
    .fields = fields_3,
    .n_fields = 1,
};

static const int statuses_5[] = {
    201,
    0,
};

static const struct operation operation_6 = {
    .id = "addThing",
    .body = &schema_4,
    .body_media = MEDIA_JSON | MEDIA_FORM,
    .body_path = "addThing.request",
    .body_required = true,
    .statuses = statuses_5,
    .input_size = sizeof(struct add_thing_input),
    .handle = handle_add_thing,
};

static const char *const segments_7[] = {
    "things",
    "check",
};

static const struct schema schema_8 = {
    .type = SCHEMA_STRING,
    .min_length = 3,
};

static const int statuses_9[] = {
    200,
    0,
};

static const struct operation operation_10 = {
    .id = "checkThing",
    .body_offset = offsetof(struct check_thing_input, body),
    .body = &schema_8,
    .body_media = MEDIA_TEXT,
    .body_path = "checkThing.request",
    .statuses = statuses_9,
    .input_size = sizeof(struct check_thing_input),
    .handle = handle_check_thing,
};

static const char *const segments_11[] = {
    "things",
    "search",
};

static const struct schema schema_12 = {
    .type = SCHEMA_INTEGER,
    .minimum = 1,
    .fallback = 1,
};

static const struct schema schema_13 = {
    .type = SCHEMA_STRING,
};

static const struct schema schema_14 = {
    .type = SCHEMA_ARRAY,
    .items = &schema_13,
};

static const struct schema schema_15 = {
    .type = SCHEMA_STRING,
    .pattern = "^[a-z]+$",
};

static const struct field fields_16[] = {
    {
        .name = "page",
        .schema = &schema_12,
        .bind = BIND_INTEGER,
        .offset = offsetof(struct search_things_input, query.page),
    },
    {
        .name = "sort",
        .schema = &schema_14,
        .bind = BIND_STRINGS,
        .offset = offsetof(struct search_things_input, query.sort),
    },
    {
        .name = "colour",
        .schema = &schema_15,
        .required = true,
        .bind = BIND_STRING,
        .offset = offsetof(struct search_things_input, query.colour),
    },
};

static const struct schema schema_17 = {
    .type = SCHEMA_OBJECT,
    .fields = fields_16,
    .n_fields = 3,
};

static const int statuses_18[] = {
    200,
    0,
};

static const struct operation operation_19 = {
    .id = "searchThings",
    .is_public = true,
    .query = &schema_17,
    .statuses = statuses_18,
    .input_size = sizeof(struct search_things_input),
    .handle = handle_search_things,
};

static const char *const segments_20[] = {
    "things",
    NULL,
};

static const struct schema schema_21 = {
    .type = SCHEMA_STRING,
};

static const struct field parameters_22[] = {
    {
        .name = "id",
        .schema = &schema_21,
        .required = true,
        .bind = BIND_STRING,
        .offset = offsetof(struct update_thing_input, id),
    },
};

static const struct schema schema_23 = {
    .type = SCHEMA_STRING,
    .not_blank = true,
    .min_length = 2,
};

static const struct schema schema_24 = {
    .type = SCHEMA_BOOLEAN,
    .nullable = true,
};

static const char *const enumeration_25[] = {
    "RED",
    "BLUE",
    NULL,
};

static const struct schema schema_26 = {
    .type = SCHEMA_STRING,
    .enumeration = enumeration_25,
};

static const struct schema schema_27 = {
    .type = SCHEMA_ARRAY,
    .items = &schema_26,
};

static const struct schema schema_28 = {
    .type = SCHEMA_STRING,
    .duration = true,
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
        .schema = &schema_23,
        .required = true,
        .bind = BIND_STRING,
        .offset = offsetof(struct update_thing_input, body.display_name),
    },
    {
        .name = "isOn",
        .schema = &schema_24,
        .bind = BIND_BOOLEAN,
        .offset = offsetof(struct update_thing_input, body.is_on),
    },
    {
        .name = "tags",
        .schema = &schema_27,
        .bind = BIND_STRINGS,
        .offset = offsetof(struct update_thing_input, body.tags),
    },
    {
        .name = "maxAge",
        .schema = &schema_28,
        .bind = BIND_STRING,
        .offset = offsetof(struct update_thing_input, body.max_age),
    },
    {
        .name = "parts",
        .schema = &schema_32,
        .bind = BIND_JSON,
        .offset = offsetof(struct update_thing_input, body.parts),
    },
};

static const struct schema schema_34 = {
    .type = SCHEMA_OBJECT,
    .fields = fields_33,
    .n_fields = 5,
};

static const int statuses_35[] = {
    200,
    404,
    0,
};

static const struct operation operation_36 = {
    .id = "updateThing",
    .resource = "THING",
    .parameters = parameters_22,
    .n_parameters = 1,
    .body = &schema_34,
    .body_media = MEDIA_JSON,
    .body_path = "updateThing.request",
    .body_required = true,
    .statuses = statuses_35,
    .input_size = sizeof(struct update_thing_input),
    .handle = handle_update_thing,
};

static const struct schema schema_37 = {
    .type = SCHEMA_STRING,
};

static const struct field parameters_38[] = {
    {
        .name = "id",
        .schema = &schema_37,
        .required = true,
        .bind = BIND_STRING,
        .offset = offsetof(struct delete_thing_input, id),
    },
};

static const int statuses_39[] = {
    204,
    0,
};

static const struct operation operation_40 = {
    .id = "deleteThing",
    .superadmin = true,
    .parameters = parameters_38,
    .n_parameters = 1,
    .statuses = statuses_39,
    .input_size = sizeof(struct delete_thing_input),
    .handle = handle_delete_thing,
};

static const struct schema schema_41 = {
    .type = SCHEMA_STRING,
    .not_blank = true,
    .min_length = 2,
};

static const struct schema schema_42 = {
    .type = SCHEMA_BOOLEAN,
    .nullable = true,
};

static const char *const enumeration_43[] = {
    "RED",
    "BLUE",
    NULL,
};

static const struct schema schema_44 = {
    .type = SCHEMA_STRING,
    .enumeration = enumeration_43,
};

static const struct schema schema_45 = {
    .type = SCHEMA_ARRAY,
    .items = &schema_44,
};

static const struct schema schema_46 = {
    .type = SCHEMA_STRING,
    .duration = true,
};

static const struct schema schema_47 = {
    .type = SCHEMA_STRING,
    .date_time = true,
};

static const struct field fields_48[] = {
    {
        .name = "madeAt",
        .schema = &schema_47,
    },
};

static const struct schema schema_49 = {
    .type = SCHEMA_OBJECT,
    .closed = true,
    .fields = fields_48,
    .n_fields = 1,
};

static const struct schema schema_50 = {
    .type = SCHEMA_ARRAY,
    .items = &schema_49,
};

static const struct field fields_51[] = {
    {
        .name = "displayName",
        .schema = &schema_41,
        .required = true,
    },
    {
        .name = "isOn",
        .schema = &schema_42,
    },
    {
        .name = "tags",
        .schema = &schema_45,
    },
    {
        .name = "maxAge",
        .schema = &schema_46,
    },
    {
        .name = "parts",
        .schema = &schema_50,
    },
};

static const struct schema schema_52 = {
    .type = SCHEMA_OBJECT,
    .fields = fields_51,
    .n_fields = 5,
};

const struct route contract_routes[] = {
    {
        .segments = segments_1,
        .n_segments = 2,
        .operations[HTTP_POST] = &operation_6,
    },
    {
        .segments = segments_7,
        .n_segments = 2,
        .operations[HTTP_POST] = &operation_10,
    },
    {
        .segments = segments_11,
        .n_segments = 2,
        .operations[HTTP_GET] = &operation_19,
    },
    {
        .segments = segments_20,
        .n_segments = 2,
        .operations[HTTP_PUT] = &operation_36,
        .operations[HTTP_DELETE] = &operation_40,
    },
};
const size_t contract_n_routes = sizeof(contract_routes) / sizeof(contract_routes[0]);

const struct schema *const golden_schema = &schema_52;
