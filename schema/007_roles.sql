-- A service account is a user without e-mail or password. Its username and e-mail are its id, since its
-- name need not be unique.
ALTER TABLE users ADD COLUMN type TEXT NOT NULL DEFAULT 'STANDARD' CHECK (type IN ('STANDARD', 'SERVICE_ACCOUNT'));
ALTER TABLE users ADD COLUMN name TEXT;
ALTER TABLE users ADD COLUMN description TEXT;

-- A managed role has the template whose permissions it gives; every tenant has one of each. Others have
-- permissions as text, such as FLOW=VIEW,LIST;GROUP=VIEW, in the order in which a client sent them.
CREATE TABLE roles (
    pk          INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant_pk   INTEGER NOT NULL REFERENCES tenants ON DELETE CASCADE,
    id          TEXT NOT NULL,
    name        TEXT NOT NULL,
    description TEXT,
    is_default  INTEGER NOT NULL DEFAULT 0 CHECK (is_default IN (0, 1)),
    template    TEXT,
    permissions TEXT,
    UNIQUE (tenant_pk, id),
    CHECK ((template IS NULL) <> (permissions IS NULL))
) STRICT;

-- The subject is a user or a group. Without a namespace the binding holds in the whole tenant.
CREATE TABLE bindings (
    pk        INTEGER PRIMARY KEY AUTOINCREMENT,
    id        TEXT NOT NULL,
    tenant_pk INTEGER NOT NULL REFERENCES tenants ON DELETE CASCADE,
    role_pk   INTEGER NOT NULL REFERENCES roles ON DELETE CASCADE,
    user_pk   INTEGER REFERENCES users ON DELETE CASCADE,
    group_pk  INTEGER REFERENCES groups ON DELETE CASCADE,
    namespace TEXT,
    UNIQUE (tenant_pk, id),
    CHECK ((user_pk IS NULL) <> (group_pk IS NULL))
) STRICT;
CREATE UNIQUE INDEX bindings_once ON bindings (role_pk, ifnull(user_pk, 0), ifnull(group_pk, 0), ifnull(namespace, ''));
CREATE INDEX bindings_by_user ON bindings (user_pk, tenant_pk) WHERE user_pk IS NOT NULL;
CREATE INDEX bindings_by_group ON bindings (group_pk) WHERE group_pk IS NOT NULL;

INSERT INTO roles (tenant_pk, id, name, template)
SELECT t.pk, lower(m.column1) || '_' || t.id, m.column2, m.column1 FROM tenants t
JOIN (VALUES ('ADMIN', 'Admin'), ('DEVELOPER', 'Developer'), ('EDITOR', 'Editor'), ('LAUNCHER', 'Launcher'), ('VIEWER', 'Viewer')) m
ORDER BY t.pk, m.column1;
