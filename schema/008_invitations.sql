-- An invitation to a tenant, for whoever has the e-mail address. All instants are in epoch ms.
CREATE TABLE invitations (
    pk          INTEGER PRIMARY KEY AUTOINCREMENT,
    id          TEXT NOT NULL UNIQUE,
    tenant_pk   INTEGER NOT NULL REFERENCES tenants ON DELETE CASCADE,
    email       TEXT NOT NULL COLLATE NOCASE,
    super_admin INTEGER NOT NULL CHECK (super_admin IN (0, 1)),
    sent_at     INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL,
    accepted_at INTEGER
) STRICT;
CREATE INDEX invitations_by_email ON invitations (email, tenant_pk);
CREATE INDEX invitations_by_tenant ON invitations (tenant_pk);

-- What the user gets: a role, in the whole tenant or in a namespace, or a group. What is deleted before
-- the invitation is accepted is not granted.
CREATE TABLE invitation_grants (
    pk            INTEGER PRIMARY KEY AUTOINCREMENT,
    invitation_pk INTEGER NOT NULL REFERENCES invitations ON DELETE CASCADE,
    role_pk       INTEGER REFERENCES roles ON DELETE CASCADE,
    group_pk      INTEGER REFERENCES groups ON DELETE CASCADE,
    namespace     TEXT,
    CHECK ((role_pk IS NULL) <> (group_pk IS NULL))
) STRICT;
CREATE INDEX invitation_grants_by_invitation ON invitation_grants (invitation_pk);
CREATE INDEX invitation_grants_by_role ON invitation_grants (role_pk) WHERE role_pk IS NOT NULL;
CREATE INDEX invitation_grants_by_group ON invitation_grants (group_pk) WHERE group_pk IS NOT NULL;

-- The token with which a user may set a new password, once. Only the newest one of a user is valid.
CREATE TABLE password_resets (
    user_pk    INTEGER PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    token      TEXT NOT NULL UNIQUE,
    expires_at INTEGER NOT NULL
) STRICT;
