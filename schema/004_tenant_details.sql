-- The members that clients store in a tenant besides id and name: a JSON object, or null.
ALTER TABLE tenants ADD COLUMN details TEXT;

-- Requests that create or update users refer to groups by id alone.
CREATE INDEX groups_by_id ON groups (id);
