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
        .role = ROLE_USERNAME,
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
    .number = 0,
    .body = &schema_4,
    .body_media = MEDIA_JSON | MEDIA_FORM,
    .body_path = "addThing.request",
    .body_required = true,
    .statuses = statuses_5,
    .input_size = sizeof(struct add_thing_input),
    .handle = handle_add_thing,
};

static const struct field fields_7[] = {
    {
        .name = "name",
        .schema = &schema_2,
        .bind = BIND_STRING,
        .offset = offsetof(struct patch_thing_input, body.name),
        .role = ROLE_USERNAME,
    },
};

static const struct schema schema_8 = {
    .type = SCHEMA_OBJECT,
    .fields = fields_7,
    .n_fields = 1,
};

static const int statuses_9[] = {
    200,
    0,
};

static const struct operation operation_10 = {
    .id = "patchThing",
    .number = 1,
    .body = &schema_8,
    .body_media = MEDIA_SCIM | MEDIA_JSON,
    .body_path = "patchThing.request",
    .body_required = true,
    .statuses = statuses_9,
    .input_size = sizeof(struct patch_thing_input),
    .handle = handle_patch_thing,
};

static const char *const segments_11[] = {
    "things",
    "check",
};

static const struct schema schema_12 = {
    .type = SCHEMA_STRING,
    .min_length = 3,
};

static const struct operation operation_13 = {
    .id = "checkThing",
    .number = 2,
    .body_offset = offsetof(struct check_thing_input, body),
    .body = &schema_12,
    .body_media = MEDIA_TEXT,
    .body_path = "checkThing.request",
    .statuses = statuses_9,
    .input_size = sizeof(struct check_thing_input),
    .handle = handle_check_thing,
};

static const char *const segments_14[] = {
    "things",
    "search",
};

static const struct schema schema_15 = {
    .type = SCHEMA_INTEGER,
    .minimum = 1,
    .maximum = INT64_MAX,
    .fallback = 1,
};

static const struct schema schema_16 = {
    .type = SCHEMA_ARRAY,
    .items = &schema_2,
};

static const struct schema schema_17 = {
    .type = SCHEMA_OBJECT,
};

static const struct schema schema_18 = {
    .type = SCHEMA_STRING,
    .pattern = "^[a-z]+$",
};

static const struct field fields_19[] = {
    {
        .name = "page",
        .schema = &schema_15,
        .bind = BIND_INTEGER,
        .offset = offsetof(struct search_things_input, query.page),
    },
    {
        .name = "sort",
        .schema = &schema_16,
        .bind = BIND_STRINGS,
        .offset = offsetof(struct search_things_input, query.sort),
        .role = ROLE_SORT,
    },
    {
        .name = "filters",
        .schema = &schema_17,
        .bind = BIND_PAIRS,
        .offset = offsetof(struct search_things_input, query.filters),
        .role = ROLE_FILTERS,
    },
    {
        .name = "colour",
        .schema = &schema_18,
        .required = true,
        .bind = BIND_STRING,
        .offset = offsetof(struct search_things_input, query.colour),
    },
};

static const struct schema schema_20 = {
    .type = SCHEMA_OBJECT,
    .fields = fields_19,
    .n_fields = 4,
};

static const struct operation operation_21 = {
    .id = "searchThings",
    .number = 3,
    .is_public = true,
    .query = &schema_20,
    .fault_role = FAULT_ROLE_LISTS_USERS,
    .statuses = statuses_9,
    .input_size = sizeof(struct search_things_input),
    .handle = handle_search_things,
};

static const char *const segments_22[] = {
    "things",
    NULL,
};

static const struct field parameters_23[] = {
    {
        .name = "id",
        .schema = &schema_2,
        .required = true,
        .bind = BIND_STRING,
        .offset = offsetof(struct update_thing_input, id),
        .role = ROLE_USER,
    },
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
    .duration = true,
};

static const struct schema schema_30 = {
    .type = SCHEMA_STRING,
    .date_time = true,
};

static const struct field fields_31[] = {
    {
        .name = "madeAt",
        .schema = &schema_30,
    },
};

static const struct schema schema_32 = {
    .type = SCHEMA_OBJECT,
    .closed = true,
    .fields = fields_31,
    .n_fields = 1,
};

static const struct schema schema_33 = {
    .type = SCHEMA_ARRAY,
    .items = &schema_32,
};

static const struct field fields_34[] = {
    {
        .name = "displayName",
        .schema = &schema_24,
        .required = true,
        .bind = BIND_STRING,
        .offset = offsetof(struct update_thing_input, body.display_name),
    },
    {
        .name = "isOn",
        .schema = &schema_25,
        .bind = BIND_BOOLEAN,
        .offset = offsetof(struct update_thing_input, body.is_on),
    },
    {
        .name = "tags",
        .schema = &schema_28,
        .bind = BIND_STRINGS,
        .offset = offsetof(struct update_thing_input, body.tags),
    },
    {
        .name = "maxAge",
        .schema = &schema_29,
        .bind = BIND_STRING,
        .offset = offsetof(struct update_thing_input, body.max_age),
    },
    {
        .name = "parts",
        .schema = &schema_33,
        .bind = BIND_JSON,
        .offset = offsetof(struct update_thing_input, body.parts),
    },
};

static const struct schema schema_35 = {
    .type = SCHEMA_OBJECT,
    .fields = fields_34,
    .n_fields = 5,
};

static const int statuses_36[] = {
    200,
    404,
    0,
};

static const struct operation operation_37 = {
    .id = "updateThing",
    .number = 4,
    .parameters = parameters_23,
    .n_parameters = 1,
    .body = &schema_35,
    .body_media = MEDIA_JSON,
    .body_path = "updateThing.request",
    .body_required = true,
    .fault_role = FAULT_ROLE_WRITES_MEMBERSHIP,
    .statuses = statuses_36,
    .input_size = sizeof(struct update_thing_input),
    .handle = handle_update_thing,
};

static const struct field parameters_38[] = {
    {
        .name = "id",
        .schema = &schema_2,
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
    .number = 5,
    .superadmin = true,
    .slow = true,
    .takes_dump = true,
    .parameters = parameters_38,
    .n_parameters = 1,
    .statuses = statuses_39,
    .input_size = sizeof(struct delete_thing_input),
    .handle = handle_delete_thing,
};

static const struct route routes_41[] = {
    {
        .segments = segments_1,
        .n_segments = 2,
        .next = 2,
        .operations[HTTP_POST] = &operation_6,
        .operations[HTTP_PATCH] = &operation_10,
    },
    {
        .segments = segments_11,
        .n_segments = 2,
        .next = 3,
        .operations[HTTP_POST] = &operation_13,
    },
    {
        .segments = segments_14,
        .n_segments = 2,
        .next = 4,
        .operations[HTTP_GET] = &operation_21,
    },
    {
        .segments = segments_22,
        .n_segments = 2,
        .next = 0,
        .operations[HTTP_PUT] = &operation_37,
        .operations[HTTP_DELETE] = &operation_40,
    },
};

static const struct field fields_42[] = {
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
        .name = "maxAge",
        .schema = &schema_29,
    },
    {
        .name = "parts",
        .schema = &schema_33,
    },
};

static const struct schema schema_43 = {
    .type = SCHEMA_OBJECT,
    .fields = fields_42,
    .n_fields = 5,
};

const struct route_table contract_routes = {
    routes_41, 4, {0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
    6,
};

const struct schema *const golden_schema = &schema_43;
