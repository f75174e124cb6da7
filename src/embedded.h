/* Files of the source tree that are embedded in the program as C strings. */
#pragma once

#include <stddef.h>

extern const char embedded_admin_contract[];
extern const size_t embedded_admin_contract_size;
extern const char embedded_default_fixture[];
extern const char embedded_001_init[];
extern const char embedded_002_access[];
extern const char embedded_003_tokens[];
extern const char embedded_004_tenant_details[];
extern const char embedded_005_password_cost[];
extern const char embedded_006_membership_order[];
extern const char embedded_007_roles[];
extern const char embedded_008_invitations[];
extern const char embedded_009_scim[];
extern const char embedded_010_packed_memberships[];

/* Parts of the HTML pages, made by schema/html_pages.py. The policy is that of their style. */
extern const char embedded_page_policy[];
extern const char embedded_page_home_start[];
extern const char embedded_page_docs_start[];
extern const char *const embedded_page_api[]; /* by the number of the version */
extern const char embedded_page_admin[];
extern const char embedded_page_end[];

/* The files of the console, made by schema/console_files.py. A name of NULL ends the list. */
struct embedded_file {
    const char *name;
    const char *type;
    const char *tag; /* for the header ETag */
    const char *bytes;
    size_t size;
};
extern const struct embedded_file embedded_console[];
