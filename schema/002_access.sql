-- Whether the access was granted itself, or only came with a group and goes with the last one.
-- What earlier versions stored counts as granted.
ALTER TABLE tenant_access ADD COLUMN granted INTEGER NOT NULL DEFAULT 1 CHECK (granted IN (0, 1));
