-- What clients store with a tenant besides id and name: a JSON object, or null.
ALTER TABLE tenants ADD COLUMN details TEXT;

-- Users are given groups by id alone.
CREATE INDEX groups_by_id ON groups (id);
