-- Integer keys join the tables and never leave the database; clients see only the text ids.
-- A key is never reused, so a stale key cannot reach another row. Times are epoch
-- milliseconds.

CREATE TABLE tenants (
    pk   INTEGER PRIMARY KEY AUTOINCREMENT,
    id   TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL
) STRICT;

CREATE TABLE users (
    pk            INTEGER PRIMARY KEY AUTOINCREMENT,
    id            TEXT NOT NULL UNIQUE,
    username      TEXT NOT NULL UNIQUE COLLATE NOCASE,
    email         TEXT NOT NULL UNIQUE COLLATE NOCASE,
    first_name    TEXT,
    last_name     TEXT,
    super_admin   INTEGER NOT NULL DEFAULT 0 CHECK (super_admin IN (0, 1)),
    restricted    INTEGER NOT NULL DEFAULT 0 CHECK (restricted IN (0, 1)),
    password_hash TEXT
) STRICT;

CREATE TABLE api_tokens (
    pk          INTEGER PRIMARY KEY AUTOINCREMENT,
    id          TEXT NOT NULL UNIQUE,
    user_pk     INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
    name        TEXT NOT NULL,
    description TEXT,
    prefix      TEXT NOT NULL,
    salt        BLOB NOT NULL,
    hash        BLOB NOT NULL,
    issued_at   INTEGER NOT NULL,
    expires_at  INTEGER
) STRICT;
CREATE INDEX api_tokens_by_prefix ON api_tokens (prefix);
CREATE INDEX api_tokens_by_user ON api_tokens (user_pk);

CREATE TABLE tenant_access (
    user_pk   INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
    tenant_pk INTEGER NOT NULL REFERENCES tenants ON DELETE CASCADE,
    PRIMARY KEY (user_pk, tenant_pk)
) STRICT, WITHOUT ROWID;
CREATE INDEX tenant_access_by_tenant ON tenant_access (tenant_pk);

CREATE TABLE groups (
    pk          INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant_pk   INTEGER NOT NULL REFERENCES tenants ON DELETE CASCADE,
    id          TEXT NOT NULL,
    name        TEXT NOT NULL,
    description TEXT,
    UNIQUE (tenant_pk, id),
    UNIQUE (tenant_pk, name)
) STRICT;

-- Only users with access to a tenant belong to its groups; losing the access ends the memberships.
-- Because the tenant is in the key, a user's memberships in a tenant are adjacent.
CREATE TABLE memberships (
    user_pk   INTEGER NOT NULL,
    tenant_pk INTEGER NOT NULL,
    group_pk  INTEGER NOT NULL REFERENCES groups ON DELETE CASCADE,
    kind      TEXT NOT NULL CHECK (kind IN ('MEMBER', 'OWNER')),
    external  INTEGER NOT NULL CHECK (external IN (0, 1)),
    PRIMARY KEY (user_pk, tenant_pk, group_pk),
    FOREIGN KEY (user_pk, tenant_pk) REFERENCES tenant_access ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
