-- A security integration lets an identity provider write a tenant's users and groups. Its token
-- belongs to a service account of its own, to which a role of its own is bound.
CREATE TABLE integrations (
    pk          INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant_pk   INTEGER NOT NULL REFERENCES tenants ON DELETE CASCADE,
    id          TEXT NOT NULL,
    name        TEXT NOT NULL,
    description TEXT NOT NULL,
    enabled     INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
    user_pk     INTEGER REFERENCES users ON DELETE SET NULL,
    role_pk     INTEGER REFERENCES roles ON DELETE SET NULL,
    UNIQUE (tenant_pk, id)
) STRICT;

-- What an identity provider has written of a user or group, as a JSON object. Null times mean that
-- it was made in another way, or not changed since.
CREATE TABLE scim_users (
    user_pk     INTEGER NOT NULL,
    tenant_pk   INTEGER NOT NULL,
    attributes  TEXT NOT NULL,
    created_at  INTEGER,
    modified_at INTEGER,
    PRIMARY KEY (user_pk, tenant_pk),
    FOREIGN KEY (user_pk, tenant_pk) REFERENCES tenant_access ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE scim_groups (
    group_pk    INTEGER PRIMARY KEY REFERENCES groups ON DELETE CASCADE,
    attributes  TEXT NOT NULL,
    created_at  INTEGER,
    modified_at INTEGER
) STRICT;
