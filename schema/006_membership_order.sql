-- Clients see a user's groups in the order of the request that set them: by position, then by group_pk.
ALTER TABLE memberships ADD COLUMN position INTEGER NOT NULL DEFAULT 0;
