-- 1 if the access was granted, 0 if it came with a group and ends with the user's last group.
-- Access that earlier versions stored counts as granted.
ALTER TABLE tenant_access ADD COLUMN granted INTEGER NOT NULL DEFAULT 1 CHECK (granted IN (0, 1));
