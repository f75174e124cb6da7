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

static const struct schema schema_7 = {
    .type = SCHEMA_STRING,
};

static const struct field fields_8[] = {
    {
        .name = "name",
        .schema = &schema_7,
        .bind = BIND_STRING,
        .offset = offsetof(struct patch_thing_input, body.name),
        .role = ROLE_USERNAME,
    },
};

static const struct schema schema_9 = {
    .type = SCHEMA_OBJECT,
    .fields = fields_8,
    .n_fields = 1,
};

static const int statuses_10[] = {
    200,
    0,
};

static const struct operation operation_11 = {
    .id = "patchThing",
    .number = 1,
    .body = &schema_9,
    .body_media = MEDIA_JSON,
    .body_path = "patchThing.request",
    .body_required = true,
    .statuses = statuses_10,
    .input_size = sizeof(struct patch_thing_input),
    .handle = handle_patch_thing,
};

static const char *const segments_12[] = {
    "things",
    "check",
};

static const struct schema schema_13 = {
    .type = SCHEMA_STRING,
    .min_length = 3,
};

static const int statuses_14[] = {
    200,
    0,
};

static const struct operation operation_15 = {
    .id = "checkThing",
    .number = 2,
    .body_offset = offsetof(struct check_thing_input, body),
    .body = &schema_13,
    .body_media = MEDIA_TEXT,
    .body_path = "checkThing.request",
    .statuses = statuses_14,
    .input_size = sizeof(struct check_thing_input),
    .handle = handle_check_thing,
};

static const char *const segments_16[] = {
    "things",
    "search",
};

static const struct schema schema_17 = {
    .type = SCHEMA_INTEGER,
    .minimum = 1,
    .fallback = 1,
};

static const struct schema schema_18 = {
    .type = SCHEMA_STRING,
};

static const struct schema schema_19 = {
    .type = SCHEMA_ARRAY,
    .items = &schema_18,
};

static const struct schema schema_20 = {
    .type = SCHEMA_OBJECT,
};

static const struct schema schema_21 = {
    .type = SCHEMA_STRING,
    .pattern = "^[a-z]+$",
};

static const struct field fields_22[] = {
    {
        .name = "page",
        .schema = &schema_17,
        .bind = BIND_INTEGER,
        .offset = offsetof(struct search_things_input, query.page),
    },
    {
        .name = "sort",
        .schema = &schema_19,
        .bind = BIND_STRINGS,
        .offset = offsetof(struct search_things_input, query.sort),
        .role = ROLE_SORT,
    },
    {
        .name = "filters",
        .schema = &schema_20,
        .bind = BIND_PAIRS,
        .offset = offsetof(struct search_things_input, query.filters),
        .role = ROLE_FILTERS,
    },
    {
        .name = "colour",
        .schema = &schema_21,
        .required = true,
        .bind = BIND_STRING,
        .offset = offsetof(struct search_things_input, query.colour),
    },
};

static const struct schema schema_23 = {
    .type = SCHEMA_OBJECT,
    .fields = fields_22,
    .n_fields = 4,
};

static const int statuses_24[] = {
    200,
    0,
};

static const struct operation operation_25 = {
    .id = "searchThings",
    .number = 3,
    .is_public = true,
    .query = &schema_23,
    .fault_role = FAULT_ROLE_LISTS_USERS,
    .statuses = statuses_24,
    .input_size = sizeof(struct search_things_input),
    .handle = handle_search_things,
};

static const char *const segments_26[] = {
    "things",
    NULL,
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
        .offset = offsetof(struct update_thing_input, id),
        .role = ROLE_USER,
    },
};

static const struct schema schema_29 = {
    .type = SCHEMA_STRING,
    .not_blank = true,
    .min_length = 2,
};

static const struct schema schema_30 = {
    .type = SCHEMA_BOOLEAN,
    .nullable = true,
};

static const char *const enumeration_31[] = {
    "RED",
    "BLUE",
    NULL,
};

static const struct schema schema_32 = {
    .type = SCHEMA_STRING,
    .enumeration = enumeration_31,
};

static const struct schema schema_33 = {
    .type = SCHEMA_ARRAY,
    .items = &schema_32,
};

static const struct schema schema_34 = {
    .type = SCHEMA_STRING,
    .duration = true,
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
        .schema = &schema_29,
        .required = true,
        .bind = BIND_STRING,
        .offset = offsetof(struct update_thing_input, body.display_name),
    },
    {
        .name = "isOn",
        .schema = &schema_30,
        .bind = BIND_BOOLEAN,
        .offset = offsetof(struct update_thing_input, body.is_on),
    },
    {
        .name = "tags",
        .schema = &schema_33,
        .bind = BIND_STRINGS,
        .offset = offsetof(struct update_thing_input, body.tags),
    },
    {
        .name = "maxAge",
        .schema = &schema_34,
        .bind = BIND_STRING,
        .offset = offsetof(struct update_thing_input, body.max_age),
    },
    {
        .name = "parts",
        .schema = &schema_38,
        .bind = BIND_JSON,
        .offset = offsetof(struct update_thing_input, body.parts),
    },
};

static const struct schema schema_40 = {
    .type = SCHEMA_OBJECT,
    .fields = fields_39,
    .n_fields = 5,
};

static const int statuses_41[] = {
    200,
    404,
    0,
};

static const struct operation operation_42 = {
    .id = "updateThing",
    .number = 4,
    .resource = RESOURCE_GROUP,
    .parameters = parameters_28,
    .n_parameters = 1,
    .body = &schema_40,
    .body_media = MEDIA_JSON,
    .body_path = "updateThing.request",
    .body_required = true,
    .fault_role = FAULT_ROLE_WRITES_MEMBERSHIP,
    .statuses = statuses_41,
    .input_size = sizeof(struct update_thing_input),
    .handle = handle_update_thing,
};

static const struct schema schema_43 = {
    .type = SCHEMA_STRING,
};

static const struct field parameters_44[] = {
    {
        .name = "id",
        .schema = &schema_43,
        .required = true,
        .bind = BIND_STRING,
        .offset = offsetof(struct delete_thing_input, id),
    },
};

static const int statuses_45[] = {
    204,
    0,
};

static const struct operation operation_46 = {
    .id = "deleteThing",
    .number = 5,
    .superadmin = true,
    .slow = true,
    .takes_dump = true,
    .parameters = parameters_44,
    .n_parameters = 1,
    .statuses = statuses_45,
    .input_size = sizeof(struct delete_thing_input),
    .handle = handle_delete_thing,
};

static const struct schema schema_47 = {
    .type = SCHEMA_STRING,
    .not_blank = true,
    .min_length = 2,
};

static const struct schema schema_48 = {
    .type = SCHEMA_BOOLEAN,
    .nullable = true,
};

static const char *const enumeration_49[] = {
    "RED",
    "BLUE",
    NULL,
};

static const struct schema schema_50 = {
    .type = SCHEMA_STRING,
    .enumeration = enumeration_49,
};

static const struct schema schema_51 = {
    .type = SCHEMA_ARRAY,
    .items = &schema_50,
};

static const struct schema schema_52 = {
    .type = SCHEMA_STRING,
    .duration = true,
};

static const struct schema schema_53 = {
    .type = SCHEMA_STRING,
    .date_time = true,
};

static const struct field fields_54[] = {
    {
        .name = "madeAt",
        .schema = &schema_53,
    },
};

static const struct schema schema_55 = {
    .type = SCHEMA_OBJECT,
    .closed = true,
    .fields = fields_54,
    .n_fields = 1,
};

static const struct schema schema_56 = {
    .type = SCHEMA_ARRAY,
    .items = &schema_55,
};

static const struct field fields_57[] = {
    {
        .name = "displayName",
        .schema = &schema_47,
        .required = true,
    },
    {
        .name = "isOn",
        .schema = &schema_48,
    },
    {
        .name = "tags",
        .schema = &schema_51,
    },
    {
        .name = "maxAge",
        .schema = &schema_52,
    },
    {
        .name = "parts",
        .schema = &schema_56,
    },
};

static const struct schema schema_58 = {
    .type = SCHEMA_OBJECT,
    .fields = fields_57,
    .n_fields = 5,
};

static const struct route routes_59[] = {
    {
        .segments = segments_1,
        .n_segments = 2,
        .operations[HTTP_POST] = &operation_6,
        .operations[HTTP_PATCH] = &operation_11,
    },
    {
        .segments = segments_12,
        .n_segments = 2,
        .operations[HTTP_POST] = &operation_15,
    },
    {
        .segments = segments_16,
        .n_segments = 2,
        .operations[HTTP_GET] = &operation_25,
    },
    {
        .segments = segments_26,
        .n_segments = 2,
        .operations[HTTP_PUT] = &operation_42,
        .operations[HTTP_DELETE] = &operation_46,
    },
};

const struct route_table contract_routes = {
    routes_59,
    sizeof(routes_59) / sizeof(routes_59[0]),
    6,
};

const struct schema *const golden_schema = &schema_58;
